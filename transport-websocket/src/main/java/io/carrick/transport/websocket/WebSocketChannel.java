package io.carrick.transport.websocket;

import io.carrick.netty.Door;
import io.carrick.netty.Loops;
import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.transport.support.ConfirmedChannel;
import io.carrick.transport.support.PacketReader;
import io.carrick.transport.websocket.tyrus.SessionEndpoint;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.function.Consumer;
import org.glassfish.tyrus.spi.CompletionHandler;
import org.glassfish.tyrus.spi.Writer;
import org.jspecify.annotations.Nullable;

/** A session's connection, on either side. Touched only on the event loop of its socket. */
final class WebSocketChannel extends ConfirmedChannel implements SessionEndpoint.Events {

  private static final System.Logger LOG = System.getLogger(WebSocketChannel.class.getName());

  /** What the other side may take to close its half of the socket. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** RFC 6455, section 5.5: a control frame has 125 bytes, two of which are the code. */
  private static final int MOST_CLOSE_TEXT = 123;

  private final Channel socket;
  private final EventLoop loop;
  private final @Nullable Door door;
  private final FrameGate gate;
  private @Nullable Session session;
  private int closeCode = CloseCodes.PROTOCOL_ERROR.getCode();
  private int largest; // Of the messages that were sent.
  private boolean closing; // By this side.
  private boolean answering; // What the other side has closed in order.
  private boolean outputEnded; // By this side.
  private boolean inputEnded; // By TLS of the other side, which its socket need not follow.

  /**
   * A connection whose handshake is under way.
   *
   * @param door of an accepted one; null for one that was dialled
   */
  WebSocketChannel(Channel socket, PeerInfo peer, @Nullable Door door) {
    super(Loops.executor(socket.eventLoop()), Transport.HIGH_WATER_BYTES, peer);
    this.socket = socket;
    this.loop = socket.eventLoop();
    this.door = door;
    this.gate = new FrameGate(this, door);
  }

  /** The last handler of its socket, from the end of the handshake on; nobody receives yet. */
  FrameGate gate() {
    socket.config().setAutoRead(false);
    return gate;
  }

  /** Where Tyrus writes frames, which it hands over whole. */
  Writer writer() {
    return new SocketWriter();
  }

  @Override
  public void opened(Session opened) {
    session = opened;
    opened.setMaxBinaryMessageBufferSize(FrameGate.MAX_MESSAGE_BYTES);
    MessageHandler.Whole<ByteBuffer> packets =
        packet -> connection().onInput(packet, PacketReader::next);
    opened.addMessageHandler(ByteBuffer.class, packets);
  }

  @Override
  public void closed(jakarta.websocket.CloseReason reason) {
    int code = reason.getCloseCode().getCode();
    answering = !closing && (code == 1000 || code == 1001);
    connection().onEnd(Failures.closeReason(connection().peer().address(), reason, largest));
  }

  @Override
  public void failed(Throwable failure) {
    connection().onEnd(CloseReason.local("a message was not handled: " + failure));
  }

  /** The other side broke a rule of the protocol, which it is told. */
  void refuse(int code, String what) {
    closeCode = code;
    connection().onEnd(CloseReason.protocol(what + " (" + connection().peer().address() + ")"));
  }

  /** The socket ended without a word. */
  void broken(String why) {
    connection()
        .onEnd(
            CloseReason.network(
                "the connection with " + connection().peer().address() + " ended: " + why));
  }

  /** TLS of the other side ended: nothing comes any more, so the socket ends with its output. */
  void inputEnded() {
    inputEnded = true;
    if (outputEnded) {
      socket.close();
    }
  }

  /** The receiver is there; from then on all is read, for a receiver never waits. */
  @Override
  public void request(int more) {
    gate.open();
    if (door == null || !door.isHolding()) {
      socket.config().setAutoRead(true);
    }
  }

  @Override
  public void admit() {
    if (door != null) {
      Loops.execute(loop, door::admit);
    }
  }

  @Override
  protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
    Session open = session;
    if (open == null || !open.isOpen()) {
      confirmed.accept(new ClosedChannelException());
      return;
    }
    largest = Math.max(largest, packet.remaining());
    open.getAsyncRemote()
        .sendBinary(
            packet,
            result -> confirmed.accept(result.isOK() ? null : result.getException())); // Hops.
  }

  @Override
  protected void cut(CloseReason reason) {
    gate.shut();
    socket.config().setAutoRead(true); // What still comes is thrown away.
    if (reason.kind() == CloseReason.Kind.NETWORK) {
      force();
      return;
    }
    Loops.later(loop, LINGER, this::force);
    Session open = session;
    if (open != null && open.isOpen()) {
      closing = true;
      try {
        open.close(farewell(reason));
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "A connection could not say its last", e);
        force();
      }
    }
  }

  private jakarta.websocket.CloseReason farewell(CloseReason reason) {
    return reason.kind() == CloseReason.Kind.PROTOCOL
        ? new jakarta.websocket.CloseReason(
            CloseCodes.getCloseCode(closeCode), Failures.shorten(reason.detail(), MOST_CLOSE_TEXT))
        : new jakarta.websocket.CloseReason(CloseCodes.NORMAL_CLOSURE, "");
  }

  /** Closes the socket, whatever TLS or what was written waits for. */
  private void force() {
    ChannelHandlerContext first = socket.pipeline().firstContext();
    if (first != null) {
      first.close();
    }
  }

  private final class SocketWriter extends Writer {

    @Override
    public void write(ByteBuffer bytes, CompletionHandler<ByteBuffer> handler) {
      socket
          .writeAndFlush(Fragments.of(bytes))
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  handler.completed(bytes);
                } else {
                  handler.failed(written.cause());
                }
              });
    }

    /**
     * Behind what was written. Who closes first waits for the other side, which may still write.
     */
    @Override
    public void close() {
      socket
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(answering ? ChannelFutureListener.CLOSE : written -> endOutput());
    }

    private void endOutput() {
      outputEnded = true;
      SslHandler tls = socket.pipeline().get(SslHandler.class);
      if (inputEnded) {
        socket.close();
      } else if (tls != null) {
        tls.closeOutbound();
      } else if (socket instanceof DuplexChannel duplex && socket.isActive()) {
        duplex.shutdownOutput();
      }
    }
  }
}
