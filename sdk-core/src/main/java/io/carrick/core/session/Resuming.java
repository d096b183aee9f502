package io.carrick.core.session;

import io.carrick.StatusCode;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resumed;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How a session gets another connection: the part of {@link Session} that proves and checks who may
 * have it. Works under the session's lock.
 */
final class Resuming {

  /** How often a REJECT that anybody may have said is not believed. */
  private static final int MAX_REJECTIONS = 3;

  private final Session session;
  private final @Nullable Binding binding;
  private final boolean initiator;

  // Serial section only.
  private boolean trying;
  private int rejections;

  Resuming(Session session, @Nullable Binding binding, boolean initiator) {
    this.session = session;
    this.binding = binding;
    this.initiator = initiator;
  }

  /** An attempt of the initiator; see {@link Session#resume}. */
  CompletableFuture<Void> begin(
      Connection connection, boolean ownEndpoint, @Nullable LongPredicate trial) {
    PeerInfo to = connection.peer();
    String forbidden;
    ResumeAttempt attempt = null;
    ResumeException failure = null;
    session.lock.lock();
    Binding bound = binding;
    forbidden = session.refuses(to);
    if (session.core.ended() != null) {
      failure = failed("the session with " + session.peer.service() + " is over");
    } else if (!initiator || bound == null) {
      failure = failed("this side cannot resume the session with " + session.peer.service());
    } else if (trying) {
      failure = failed("another connection is being tried for the session");
    } else if (forbidden != null) {
      failure = new ResumeException(ResumeException.Reason.FORBIDDEN, forbidden);
    } else {
      trying = true;
      attempt =
          new ResumeAttempt(
              bound,
              Handshake.random(ResumeAttempt.NONCE_BYTES),
              to.principal().kind(),
              session.core.ack.cum());
    }
    session.lock.unlock();
    if (attempt == null) {
      if (forbidden != null) {
        audit("initiator", to, forbidden);
      }
      connection.close(CloseReason.local("not resumed"));
      return CompletableFuture.failedFuture(failure);
    }
    return new ResumeGreeting(connection, session, attempt, ownEndpoint, trial).begin();
  }

  private static ResumeException failed(String message) {
    return new ResumeException(ResumeException.Reason.FAILED, message);
  }

  /** An attempt of this side has ended, well or not. */
  void attemptEnded() {
    session.lock.lock();
    trying = false;
    session.lock.unlock();
  }

  /**
   * The acceptor has answered PROOF: the connection counts from now on, if its own proof holds.
   *
   * @return what frames of this connection belong to; null if the proof does not hold
   */
  @Nullable Link resumed(Connection connection, ResumeAttempt attempt, Resumed frame) {
    session.lock.lock();
    if (session.core.ended() != null || !attempt.confirm(frame)) {
      session.lock.unlock();
      return null;
    }
    rejections = 0;
    return session.attach(new Link(connection, null), frame.cum());
  }

  /**
   * The initiator has proved that it has the key: the connection counts from now on.
   *
   * @param known whether the session is one that the peer named
   * @return what frames of this connection belong to; null if the proof does not hold, or the path
   *     is not allowed
   */
  @Nullable Link accept(Connection connection, ResumeCheck check, Proof proof, boolean known) {
    String forbidden;
    SessionKey key;
    session.lock.lock();
    Binding bound = binding;
    forbidden = session.refuses(connection.peer());
    // In any case: who has no key must not learn from the time whether there is such a session.
    key = bound == null ? null : check.proved(bound, proof, session.core.without);
    boolean over = session.core.ended() != null;
    if (bound == null
        || key == null
        || over
        || forbidden != null
        || !check.adopt(bound, key, session.core.without)) {
      session.lock.unlock();
      if (forbidden != null && key != null) {
        audit("acceptor", connection.peer(), forbidden);
      } else {
        unproved("acceptor", connection.peer(), known && !over ? "proof" : "session");
      }
      return null;
    }
    byte[] answer = check.resumed(bound, session.core.ack.cum());
    return session.attach(new Link(connection, answer), check.resume.cum());
  }

  /**
   * The session's own instance does not know it: at once final where the path shows who answers,
   * else the third time, because anybody may have said so.
   */
  void rejected(boolean authenticated) {
    session.lock.lock();
    boolean last = ++rejections >= MAX_REJECTIONS || authenticated;
    session.lock.unlock();
    if (last) {
      session.lose(
          StatusCode.UNAVAILABLE, session.peer.service() + " does not know the session any more");
    }
  }

  private void audit(String side, PeerInfo path, String reason) {
    Audit.of(Audit.Event.PATH_REFUSED, side, path)
        .with("peer", session.peer.service())
        .with("principal", session.peer.principal())
        .with("reason", reason)
        .log();
  }

  /** Somebody did not prove that a session is its own. */
  static void unproved(String side, PeerInfo path, String reason) {
    Audit.of(Audit.Event.RESUME_REFUSED, side, path).with("reason", reason).log();
  }
}
