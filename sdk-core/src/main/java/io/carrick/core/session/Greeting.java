package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What is said on a connection before it carries a session. Frames come on the thread that reads
 * the connection; the result is completed once, and a failure closes the connection.
 */
abstract class Greeting<R> {

  final Connection connection;
  final SessionReceiver receiver;
  final CompletableFuture<R> result = new CompletableFuture<>();

  Greeting(Connection connection) {
    this.connection = connection;
    this.receiver = new SessionReceiver(connection, this);
  }

  /** Takes one frame; it is valid during the call. */
  abstract void onFrame(FrameParser frame) throws MalformedFrameException;

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
      System.getLogger("io.carrick.session")
          .log(System.Logger.Level.DEBUG, () -> "handshake failed: " + failure.getMessage());
    }
    connection.close(reason);
  }

  final void limitTime(long nanos) {
    CompletableFuture<R> limit = new CompletableFuture<>();
    limit.orTimeout(nanos, TimeUnit.NANOSECONDS);
    result.whenComplete((r, failure) -> limit.cancel(false));
    limit.whenComplete(
        (r, failure) -> {
          if (!result.isDone()) {
            fail(
                "no "
                    + awaited()
                    + " from "
                    + connection.peer().address()
                    + " within "
                    + Session.millis(nanos)
                    + " ms: the peer may speak another protocol",
                CloseReason.protocol("no handshake in time"));
          }
        });
  }
}
