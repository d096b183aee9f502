package io.carrick.core.session;

import io.carrick.StatusCode;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resumed;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.ResumeAttempt;
import io.carrick.core.session.auth.ResumeCheck;
import io.carrick.core.session.auth.SessionKey;
import io.carrick.core.session.state.Rule;
import io.carrick.core.session.state.SessionCore;
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
    PathRules.Verdict verdict = session.path.judge(to);
    String forbidden = verdict.refusal();
    byte[] nonce = HandshakeFrames.random(ResumeAttempt.NONCE_BYTES);
    ResumeAttempt attempt = null;
    ResumeException failure = null;
    session.section.lock.lock();
    try {
      Binding bound = binding;
      forbidden = forbidden == null ? session.path.refusesNow(to, verdict.asNobody()) : forbidden;
      if (session.core.ended() != null) {
        failure = failed("the session with " + session.peer().service() + " is over");
      } else if (!initiator || bound == null) {
        failure = failed("this side cannot resume the session with " + session.peer().service());
      } else if (trying) {
        failure = failed("another connection is being tried for the session");
      } else if (forbidden != null) {
        failure =
            new ResumeException(
                verdict.another()
                    ? ResumeException.Reason.UNIDENTIFIED
                    : ResumeException.Reason.FORBIDDEN,
                forbidden);
      } else {
        attempt =
            new ResumeAttempt(
                bound, nonce, to.principal().kind(), session.core.ack.cum(), verdict.asNobody());
        trying = true;
      }
    } finally {
      session.section.lock.unlock();
    }
    if (attempt == null) {
      if (forbidden != null) {
        audit("initiator", to, forbidden);
      }
      connection.close(CloseReason.local("not resumed"));
      return CompletableFuture.failedFuture(failure);
    }
    return greet(connection, attempt, ownEndpoint, trial);
  }

  private CompletableFuture<Void> greet(
      Connection connection,
      ResumeAttempt attempt,
      boolean ownEndpoint,
      @Nullable LongPredicate trial) {
    try {
      return new ResumeHandshake(connection, session, attempt, ownEndpoint, trial).begin();
    } catch (Throwable t) {
      attemptEnded();
      connection.close(CloseReason.local("not resumed"));
      return CompletableFuture.failedFuture(failed("RESUME could not be sent: " + t));
    }
  }

  private static ResumeException failed(String message) {
    return new ResumeException(ResumeException.Reason.FAILED, message);
  }

  /** An attempt of this side has ended, well or not. */
  void attemptEnded() {
    session.section.lock.lock();
    try {
      trying = false;
    } finally {
      session.section.lock.unlock();
    }
  }

  /**
   * The acceptor has answered PROOF: the connection counts from now on, if its own proof holds.
   *
   * @return what frames of this connection belong to; null if the proof does not hold
   */
  @Nullable Link resumed(Connection connection, ResumeAttempt attempt, Resumed frame) {
    return settled(
        session.section.ask(
            connection,
            frame,
            (core, to, resumed) -> {
              // What is needed may have risen since PROOF was said.
              if (core.ended() != null
                  || session.path.refusesNow(to.peer(), attempt.asNobody()) != null
                  || !attempt.confirm(resumed)) {
                return null;
              }
              rejections = 0;
              return session.path.attach(new Link(to, null), resumed.cum(), attempt.asNobody());
            }));
  }

  /**
   * The initiator has proved that it has the key: the connection counts from now on.
   *
   * @param known whether the session is one that the peer named
   * @return what frames of this connection belong to; null if the proof does not hold, or the path
   *     is not allowed
   */
  @Nullable Link accept(Connection connection, ResumeCheck check, Proof proof, boolean known) {
    PathRules.Verdict verdict = session.path.judge(connection.peer());
    Answer answer =
        session.section.ask(
            check, proof, (core, asked, p) -> answer(core, connection, asked, p, verdict));
    if (answer == null || answer.attached() == null) {
      String refused = answer == null ? null : answer.refused();
      if (refused != null) {
        audit("acceptor", connection.peer(), refused);
      } else {
        unproved("acceptor", connection.peer(), known && !session.isOver() ? "proof" : "session");
      }
    }
    return answer == null ? null : settled(answer.attached());
  }

  /** What came of PROOF. */
  private record Answer(@Nullable String refused, SessionPath.@Nullable Attached attached) {}

  private Answer answer(
      SessionCore core, Connection to, ResumeCheck check, Proof proof, PathRules.Verdict verdict) {
    Binding bound = binding;
    // In any case: who has no key must not learn from the time whether there is such a session.
    SessionKey key = bound == null ? null : check.proved(bound, proof, core.has(Rule.KEY_BEFORE));
    if (bound == null || key == null || core.ended() != null) {
      return new Answer(null, null);
    }
    String refused =
        verdict.refusal() == null
            ? session.path.refusesNow(to.peer(), verdict.asNobody())
            : verdict.refusal();
    if (refused != null || !check.adopt(bound, key, core.has(Rule.RISING_EPOCHS))) {
      return new Answer(refused, null);
    }
    byte[] resumed = check.resumed(bound, core.ack.cum());
    Link link = new Link(to, resumed);
    return new Answer(null, session.path.attach(link, check.resume.cum(), verdict.asNobody()));
  }

  private @Nullable Link settled(SessionPath.@Nullable Attached attached) {
    if (attached == null) {
      return null;
    }
    if (attached.replaced() != null) {
      attached.replaced().close(Link.MOVED);
    }
    if (attached.violation() != null) {
      session.faults.violated(attached.violation());
      return null;
    }
    return attached.link();
  }

  /**
   * The session's own instance does not know it: at once final where the path shows who answers,
   * else the third time, because anybody may have said so.
   */
  void rejected(boolean authenticated) {
    boolean last;
    session.section.lock.lock();
    try {
      // While a connection carries it the peer knows it, and has another reason.
      last = session.path.link() == null && (++rejections >= MAX_REJECTIONS || authenticated);
    } finally {
      session.section.lock.unlock();
    }
    if (last) {
      gone();
    }
  }

  /** The peer has no session any more. */
  void gone() {
    session.faults.lose(
        StatusCode.UNAVAILABLE, session.peer().service() + " does not know the session any more");
  }

  private void audit(String side, PeerInfo path, String reason) {
    Audit.of(Audit.Event.PATH_REFUSED, side, path)
        .with("peer", session.peer().service())
        .with("principal", session.peer().principal())
        .with("reason", reason)
        .log();
  }

  /** Somebody did not prove that a session is its own. */
  static void unproved(String side, PeerInfo path, String reason) {
    Audit.of(Audit.Event.RESUME_REFUSED, side, path).with("reason", reason).log();
  }
}
