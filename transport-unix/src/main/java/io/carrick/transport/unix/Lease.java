package io.carrick.transport.unix;

import io.carrick.spi.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** What a caller needs to read a connection itself; used by one connection after another. */
final class Lease {

  /** The largest frame with its prefix always fits, and something behind it. */
  private static final int BYTES = Transport.MAX_FRAME_BYTES + 16 * 1024;

  private final Selector selector;
  private final ByteBuffer input = ByteBuffer.allocateDirect(BYTES);
  private final ByteBuffer view = input.duplicate();

  Lease() throws IOException {
    selector = Selector.open();
  }

  void begin(SocketChannel channel) throws IOException {
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Waits for something to read, as long as that at most; an interrupted thread does not wait. */
  boolean await(Duration max) throws IOException {
    return selector.select(key -> {}, Math.max(1, max.toMillis())) > 0;
  }

  /** Ends the wait of a caller, or the next one. */
  void wake() {
    selector.wakeup();
  }

  /** An empty buffer to read into. */
  ByteBuffer input() {
    return input.clear();
  }

  /** A second view of the input, for frames. */
  ByteBuffer view() {
    return view;
  }

  /** Lets go of the channel. */
  void end() throws IOException {
    selector.keys().forEach(SelectionKey::cancel);
    selector.selectNow();
  }

  void close() throws IOException {
    selector.close();
  }
}
