package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.run.Contained;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What is said on a connection before it carries a session. Frames come on the thread that reads
 * the connection; the result is completed once, and a failure closes the connection.
 */
abstract class ConnectionHandshake<R> {

  private static final System.Logger LOG = System.getLogger("io.carrick.session");

  final Connection connection;
  final SessionRuntime runtime;
  final SessionReceiver receiver;
  final CompletableFuture<R> result = new CompletableFuture<>();
  private volatile long endsAt;
  private volatile long limitNanos;

  ConnectionHandshake(Connection connection, SessionRuntime runtime) {
    this.connection = connection;
    this.runtime = runtime;
    this.receiver = new SessionReceiver(connection, this);
  }

  /**
   * Takes one frame, which is valid during the call; false if it is one of the session, which has
   * begun meanwhile.
   */
  abstract boolean onFrame(FrameParser frame) throws MalformedFrameException;

  /** Returns when whoever begins a session on another thread is done with that. */
  void settle() {}

  /** The failure that the result gets. */
  abstract Throwable failure(String message);

  /** What the peer should have said, for the message when it did not. */
  abstract String awaited();

  final void say(byte[] frame) {
    connection.send(ByteBuffer.wrap(frame));
    connection.flush();
  }

  final void fail(String message, CloseReason reason) {
    fail(failure(message), reason);
  }

  void fail(Throwable failure, CloseReason reason) {
    if (result.completeExceptionally(failure)) {
      String what = "handshake failed: " + failure.getMessage();
      Contained.say(LOG, System.Logger.Level.DEBUG, what, null);
    }
    connection.close(reason);
  }

  /** Gives the peer so long from now on. */
  final void limitTime(long nanos) {
    limitNanos = nanos;
    endsAt = runtime.now() + nanos;
    runtime.limit(this);
    result.whenComplete((r, failure) -> runtime.unlimit(this));
  }

  /** When {@link #tooLate} is due. */
  final long endsAt() {
    return endsAt;
  }

  /** The peer did not say in time what it should have. */
  final void tooLate() {
    if (!result.isDone()) {
      fail(
          "no "
              + awaited()
              + " from "
              + connection.peer().address()
              + " within "
              + TimeUnit.NANOSECONDS.toMillis(limitNanos)
              + " ms: the peer may speak another protocol",
          CloseReason.protocol("no handshake in time"));
    }
  }
}
