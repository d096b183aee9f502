package io.carrick.core.session;

import io.carrick.ConnectException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Welcome;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a connection: first the handshake, then the session. */
final class SessionReceiver implements Receiver {

  /** A peer that dialled and says nothing is let go after 5 s. */
  private static final long MAX_HELLO_NANOS = 5_000_000_000L;

  /** A refusal is shown whole, with its remedy: the wire cuts it after 1,024 bytes. */
  private static final int MAX_REFUSAL = 1_024;

  private final Connection connection;
  private final SessionConfig config;
  private final SessionRuntime runtime;
  private final SessionEvents events;
  private final String expectedService;
  private final boolean initiator;
  private final CompletableFuture<Session> opened = new CompletableFuture<>();
  private final FrameParser parser = new FrameParser();

  // Touched by the reading thread only.
  private @Nullable Session session;

  private SessionReceiver(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      String expectedService,
      boolean initiator) {
    this.connection = connection;
    this.config = config;
    this.runtime = runtime;
    this.events = events;
    this.expectedService = expectedService;
    this.initiator = initiator;
  }

  static CompletableFuture<Session> initiate(
      Connection connection,
      SessionConfig config,
      String expectedService,
      SessionRuntime runtime,
      SessionEvents events) {
    SessionReceiver receiver =
        new SessionReceiver(connection, config, runtime, events, expectedService, true);
    connection.receive(receiver);
    connection.send(ByteBuffer.wrap(Handshake.hello(config, expectedService)));
    connection.flush();
    receiver.limitTime();
    return receiver.opened;
  }

  static void accept(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      Consumer<Session> started) {
    SessionReceiver receiver = new SessionReceiver(connection, config, runtime, events, "", false);
    // Runs on the reading thread, before the frame behind the handshake is looked at.
    receiver.opened.thenAccept(started);
    connection.receive(receiver);
    receiver.limitTime();
  }

  private void limitTime() {
    CompletableFuture<Session> limit = new CompletableFuture<>();
    long nanos =
        initiator ? config.handshakeNanos() : Math.min(config.handshakeNanos(), MAX_HELLO_NANOS);
    limit.orTimeout(nanos, TimeUnit.NANOSECONDS);
    opened.whenComplete((s, failure) -> limit.cancel(false));
    limit.whenComplete(
        (s, failure) -> {
          if (!opened.isDone()) {
            fail(
                "no "
                    + (initiator ? "WELCOME" : "HELLO")
                    + " from "
                    + connection.peer().address()
                    + " within "
                    + Session.millis(nanos)
                    + " ms: the peer may speak another protocol",
                CloseReason.protocol("no handshake in time"));
          }
        });
  }

  private void fail(String message, CloseReason reason) {
    fail(new ConnectException(message, null), reason);
  }

  private void fail(ConnectException failure, CloseReason reason) {
    if (opened.completeExceptionally(failure)) {
      System.getLogger("io.carrick.session")
          .log(System.Logger.Level.DEBUG, () -> "handshake failed: " + failure.getMessage());
    }
    connection.close(reason);
  }

  @Override
  public void onFrame(ByteBuffer frame) {
    int size = frame.remaining();
    CarrickThreads.asReader(() -> read(frame, size));
  }

  private void read(ByteBuffer frame, int size) {
    Session present = session;
    try {
      parser.parse(frame);
      if (present != null) {
        present.onFrame(parser, size);
      } else {
        shakeHands();
      }
    } catch (MalformedFrameException e) {
      if (present != null) {
        present.violated(e.getMessage() == null ? "malformed frame" : e.getMessage());
      } else {
        fail(
            connection.peer().address() + " does not speak Carrick: " + e.getMessage(),
            CloseReason.protocol("malformed handshake"));
      }
    }
  }

  private void shakeHands() throws MalformedFrameException {
    FrameType type = parser.type();
    if (initiator && type == FrameType.WELCOME) {
      welcomed(parser.welcome());
    } else if (initiator && type == FrameType.REJECT) {
      Reject reject = parser.reject();
      fail(
          new ConnectException(
              StatusCode.of(reject.code()),
              "the peer refused the session: " + Text.printable(reject.message(), MAX_REFUSAL),
              null),
          CloseReason.local("refused"));
    } else if (!initiator && type == FrameType.HELLO) {
      greeted(parser.hello());
    } else if (!initiator && type == FrameType.RESUME) {
      // This version keeps no session over a broken connection: every resume is refused alike.
      refuse(new Reject(config.instance(), 0, ""));
    } else {
      fail(
          connection.peer().address() + " began with " + type + " and not with the handshake",
          CloseReason.protocol("no handshake"));
    }
  }

  private void welcomed(Welcome welcome) {
    ConnectException refusal = Handshake.refuse(welcome, expectedService);
    if (refusal != null) {
      fail(refusal, CloseReason.local("refused"));
      return;
    }
    start(
        new Session(
            connection,
            config,
            runtime,
            events,
            true,
            Handshake.bounded(welcome.limits()),
            Handshake.identity(
                welcome.service(),
                welcome.instance(),
                welcome.contentTypes(),
                welcome.limits().maxMessageBytes(),
                connection.peer())));
  }

  private void greeted(Hello hello) {
    Reject reject = Handshake.refuse(hello, config);
    if (reject != null) {
      refuse(reject);
      return;
    }
    connection.send(ByteBuffer.wrap(Handshake.welcome(config)));
    connection.flush();
    start(
        new Session(
            connection,
            config,
            runtime,
            events,
            false,
            Handshake.bounded(hello.limits()),
            Handshake.identity(
                hello.service(),
                hello.instance(),
                hello.contentTypes(),
                hello.limits().maxMessageBytes(),
                connection.peer())));
  }

  private void refuse(Reject reject) {
    connection.send(ByteBuffer.wrap(FrameWriter.reject(reject)));
    connection.flush();
    fail("refused: " + reject.message(), CloseReason.local("refused"));
  }

  private void start(Session started) {
    session = started;
    runtime.add(started);
    if (!opened.complete(started)) {
      started.abort(StatusCode.UNAVAILABLE, "the handshake took too long");
    }
  }

  @Override
  public void onBatchEnd() {
    Session present = session;
    if (present != null) {
      CarrickThreads.asReader(present::onBatchEnd);
    }
  }

  @Override
  public void onWritable() {
    Session present = session;
    if (present != null) {
      CarrickThreads.asReader(present::onWritable);
    }
  }

  @Override
  public void onClosed(CloseReason reason) {
    Session present = session;
    String message = "the connection closed (" + reason.kind() + ": " + reason.detail() + ")";
    if (present != null) {
      CarrickThreads.asReader(() -> present.closed(StatusCode.UNAVAILABLE, message));
    } else {
      CarrickThreads.asReader(() -> fail(message + " before the handshake ended", reason));
    }
  }
}
