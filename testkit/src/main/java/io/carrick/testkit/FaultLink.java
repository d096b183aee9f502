package io.carrick.testkit;

import io.carrick.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Random;

/** One connection through the proxy. */
final class FaultLink {

  private final FaultProxy proxy;
  private final int number;
  private final SocketChannel client;
  private final SocketChannel server;
  private final FaultPipe toServer;
  private final FaultPipe toClient;

  FaultLink(FaultProxy proxy, int number, SocketChannel client, SocketChannel server) {
    this.proxy = proxy;
    this.number = number;
    this.client = client;
    this.server = server;
    this.toServer = pipe(Direction.TO_SERVER, client, server);
    this.toClient = pipe(Direction.TO_CLIENT, server, client);
  }

  private FaultPipe pipe(Direction direction, SocketChannel from, SocketChannel to) {
    return new FaultPipe(
        this, direction, from, to, new Random(proxy.seed() + 2L * number + direction.ordinal()));
  }

  FaultProxy proxy() {
    return proxy;
  }

  void start() {
    toServer.start("link-" + number + "-to-server");
    toClient.start("link-" + number + "-to-client");
  }

  FaultPipe pipe(Direction direction) {
    return direction == Direction.TO_SERVER ? toServer : toClient;
  }

  /** Closes both sides now; what is under way is lost. */
  void cut() {
    toServer.close();
    toClient.close();
    close(client);
    close(server);
    proxy.forget(this);
  }

  /** As {@link #cut}; TCP says RST instead of FIN. */
  void reset() {
    linger(client);
    linger(server);
    cut();
  }

  /** One end sees the end of what it reads, and goes on to be heard. */
  void halfClose(Direction direction) {
    pipe(direction).swallow();
    try {
      end(direction).shutdownOutput();
    } catch (IOException e) {
      cut();
    }
  }

  /** One end is told that the connection is closed; the other one hears nothing ever again. */
  void halfOpen(Direction told) {
    toServer.swallow();
    toClient.swallow();
    close(end(told));
  }

  void closeIfOver() {
    if (toServer.ended() && toClient.ended()) {
      cut();
    }
  }

  private SocketChannel end(Direction direction) {
    return direction == Direction.TO_SERVER ? server : client;
  }

  private static void linger(SocketChannel channel) {
    try {
      if (channel.isOpen()
          && channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException e) {
      // It was closed meanwhile: then it needs no reset.
      close(channel);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + channel, e);
    }
  }
}
