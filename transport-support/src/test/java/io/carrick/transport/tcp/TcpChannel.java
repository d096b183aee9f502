package io.carrick.transport.tcp;

import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.transport.support.ConfirmedChannel;
import io.carrick.transport.support.FrameReader;
import io.carrick.transport.support.FrameSource;
import io.carrick.transport.support.TransportLifecycle;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One socket: a stream of bytes, of which one write and one read are under way at a time. */
final class TcpChannel extends ConfirmedChannel {

  private static final int READ_BYTES = 128 * 1024; // More than one frame.

  private final TransportLifecycle open;
  private final Executor loop;
  private final AsynchronousSocketChannel socket;
  private final FrameReader reader = new FrameReader();
  private final FrameSource frames = reader::next;
  private final ByteBuffer input = ByteBuffer.allocate(READ_BYTES);
  private boolean started; // Touched only on the loop, as what is read.
  private boolean over;

  TcpChannel(
      TransportLifecycle open, Executor loop, AsynchronousSocketChannel socket, String address) {
    super(
        loop,
        0, // The JDK takes one write at a time.
        PeerInfo.of(address));
    this.open = open;
    this.loop = loop;
    this.socket = socket;
  }

  @Override
  protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
    socket.write(
        packet,
        null,
        Sockets.handler(
            written -> {
              if (packet.hasRemaining()) {
                write(packet, confirmed);
              } else {
                confirmed.accept(null);
              }
            },
            confirmed));
  }

  /** The receiver is there; from then on the next read begins when one is handled. */
  @Override
  public void request(int more) {
    if (!started) {
      started = true;
      read();
    }
  }

  private void read() {
    input.clear();
    reader.restore(input);
    socket.read(
        input,
        null,
        Sockets.handler(
            count -> loop.execute(() -> arrived(count)),
            failure -> loop.execute(() -> broken(failure))));
  }

  private void arrived(int count) {
    if (count < 0) {
      String cut = reader.truncation();
      connection()
          .onEnd(
              cut.isEmpty()
                  ? CloseReason.peer("the peer closed the connection")
                  : CloseReason.network("the connection ended " + cut + "; the peer died"));
      return;
    }
    input.flip();
    connection().onInput(input, frames);
    input.compact();
    reader.keep(input);
    if (!over) {
      read();
    }
  }

  private void broken(Throwable failure) {
    connection()
        .onEnd(
            CloseReason.network(
                "cannot read from " + connection().peer().address() + ": " + failure));
  }

  @Override
  protected void cut(CloseReason reason) {
    over = true;
    Sockets.close(socket);
    open.forget(connection());
  }
}
