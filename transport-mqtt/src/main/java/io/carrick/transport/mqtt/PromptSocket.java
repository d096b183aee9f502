package io.carrick.transport.mqtt;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.Socket;
import jdk.net.ExtendedSocketOptions;

/**
 * A socket that waits for nobody: it sends at once, and acknowledges at once what it has read, so
 * that a broker that uses Nagle's algorithm, as Mosquitto does by default, is not held up by 40 ms
 * either. The system forgets the second after some segments, so it is said again after each read.
 */
final class PromptSocket extends Socket {

  private final boolean acknowledges =
      supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);

  PromptSocket() throws IOException {
    super(Proxy.NO_PROXY); // Not SOCKS either.
    setTcpNoDelay(true);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        return acknowledged(in.read());
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return acknowledged(in.read(bytes, from, length));
      }
    };
  }

  private int acknowledged(int read) throws IOException {
    if (acknowledges && read >= 0) {
      setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
    }
    return read;
  }
}
