package io.carrick.core.session;

import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.run.Unfinished;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connection: first what is said before a session, then the session. That a connection has
 * closed is told in the end, however little memory there is: the session would wait for its thread.
 */
final class SessionReceiver implements Receiver, Unfinished {

  /** The frames of a handshake with its PINGs, where the way there delivers each twice. */
  private static final int MOST_GREETING = 2 * (2 + AcceptHandshake.MAX_PINGS);

  private final Connection connection;
  private final ConnectionHandshake<?> handshake;
  private final FrameParser parser = new FrameParser();

  // Touched by the reading thread only.
  private int greeted;

  // Set once, on the reading thread or on the one that verified a token, the session last.
  private volatile @Nullable Link link;
  private volatile @Nullable Session session;

  private volatile boolean settled;

  private final Runnable tellBatchEnd = this::tellBatchEnd;
  private final Runnable tellClosed = this::tellClosed;
  private volatile @Nullable CloseReason closed;
  private @Nullable Unfinished keptBefore;

  SessionReceiver(Connection connection, ConnectionHandshake<?> handshake) {
    this.connection = connection;
    this.handshake = handshake;
  }

  /** The frames behind this one are the session's. */
  void carry(Session carried, Link over) {
    link = over;
    session = carried;
  }

  /** The session, if there is one, when whoever began it on another thread is done with that. */
  private @Nullable Session begun() {
    Session present = session;
    if (present != null && !settled) {
      handshake.settle();
      settled = true;
    }
    return present;
  }

  /** Whether a session has begun on it. */
  boolean isCarrying() {
    return session != null;
  }

  /** Tells the session that its connection has closed, if that was not known as a session's. */
  void tellIfClosed() {
    if (closed != null) {
      run();
    }
  }

  @Override
  public void onFrame(ByteBuffer frame) {
    int size = frame.remaining();
    CarrickThreads.asReader(() -> read(frame, size));
  }

  private void read(ByteBuffer frame, int size) {
    Session present = begun();
    Link over = link;
    try {
      parser.parse(frame);
      if (present == null && !greets()) {
        present = begun();
        over = link;
      }
      if (present != null && over != null) {
        present.reading.onFrame(over, parser, size);
      }
    } catch (MalformedFrameException e) {
      if (present != null && over != null) {
        present.reading.malformed(
            over, e.getMessage() == null ? "malformed frame" : e.getMessage());
      } else {
        handshake.fail(
            connection.peer().address() + " does not speak Carrick: " + e.getMessage(),
            CloseReason.protocol("malformed handshake"));
      }
    } catch (Throwable t) {
      if (present != null) {
        present.faults.lose(StatusCode.INTERNAL, "a frame could not be read: " + t);
      } else {
        handshake.fail(
            "the handshake with " + connection.peer().address() + " failed here: " + t,
            CloseReason.local("the handshake failed"));
      }
      Contained.log(Failing.READ, t);
    }
  }

  /** Whether the frame was one of the handshake. */
  private boolean greets() throws MalformedFrameException {
    if (handshake.result.isDone()) {
      return session == null;
    }
    if (++greeted > MOST_GREETING) {
      handshake.fail(
          connection.peer().address() + " said more than a handshake",
          CloseReason.protocol("more than a handshake"));
      return true;
    }
    return handshake.onFrame(parser);
  }

  @Override
  public void onBatchEnd() {
    CarrickThreads.asReader(tellBatchEnd);
  }

  private void tellBatchEnd() {
    Session present = session;
    Link over = link;
    if (present != null && over != null) {
      present.reading.onBatchEnd(over);
    }
  }

  @Override
  public void onWritable() {
    Session present = session;
    Link over = link;
    if (present != null && over != null) {
      CarrickThreads.asReader(() -> present.reading.onWritable(over));
    }
  }

  @Override
  public void onClosed(CloseReason reason) {
    closed = reason;
    run();
  }

  @Override
  public void run() {
    try {
      CarrickThreads.asReader(tellClosed);
    } catch (OutOfMemoryError e) {
      handshake.runtime.tellAgain(this);
    }
  }

  private void tellClosed() {
    Session present = begun();
    Link over = link;
    CloseReason reason = Objects.requireNonNull(closed);
    String message = "the connection closed (" + reason.kind() + ": " + reason.detail() + ")";
    if (present != null && over != null) {
      present.reading.closed(over, message, reason.kind() == CloseReason.Kind.PROTOCOL);
    } else {
      handshake.fail(message + " before the handshake ended", reason);
    }
  }

  @Override
  public @Nullable Unfinished keptBefore() {
    return keptBefore;
  }

  @Override
  public void keptBefore(@Nullable Unfinished other) {
    keptBefore = other;
  }
}
