package io.carrick.core.session;

import io.carrick.SecurityLevel;
import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Reject;
import io.carrick.core.session.ResumeException.Reason;
import io.carrick.core.session.auth.HandshakeRules;
import io.carrick.core.session.auth.ResumeAttempt;
import io.carrick.core.session.state.RoundTrips;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** RESUME, by the side that dialled. */
final class ResumeHandshake extends ConnectionHandshake<Void> {

  private final Session session;
  private final ResumeAttempt attempt;
  private final boolean ownEndpoint;
  private final @Nullable LongPredicate trial;
  private final RoundTrips measured = new RoundTrips();

  // Touched by the thread that reads only.
  private @Nullable Challenge challenge;
  private long pingSentAt;

  ResumeHandshake(
      Connection connection,
      Session session,
      ResumeAttempt attempt,
      boolean ownEndpoint,
      @Nullable LongPredicate trial) {
    super(connection, session.runtime);
    this.session = session;
    this.attempt = attempt;
    this.ownEndpoint = ownEndpoint;
    this.trial = trial;
  }

  CompletableFuture<Void> begin() {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    result.whenComplete(
        (v, failure) -> {
          session.resuming.attemptEnded();
          if (failure == null) {
            outcome.complete(null);
          } else {
            outcome.completeExceptionally(failure);
          }
        });
    outcome.whenComplete(
        (v, failure) -> {
          if (outcome.isCancelled()) {
            fail("given up", CloseReason.local("given up"));
          }
        });
    connection.receive(receiver);
    say(attempt.begin());
    limitTime(session.config.handshakeNanos());
    return outcome;
  }

  @Override
  String awaited() {
    return "answer to RESUME";
  }

  @Override
  Throwable failure(String message) {
    return new ResumeException(Reason.FAILED, message);
  }

  @Override
  boolean onFrame(FrameParser frame) throws MalformedFrameException {
    if (frame.type() == FrameType.CHALLENGE) {
      if (challenge == null) {
        challenged(frame.challenge());
      }
    } else if (frame.type() == FrameType.PONG) {
      measured(frame.token());
    } else if (frame.type() == FrameType.RESUMED) {
      Link link = session.resuming.resumed(connection, attempt, frame.resumed());
      if (link == null) {
        if (!session.isOver()) {
          Resuming.unproved("initiator", connection.peer(), "proof");
        }
        fail(
            connection.peer().address() + " did not prove that it has the session",
            CloseReason.protocol("no proof"));
        return true;
      }
      receiver.carry(session, link);
      if (!result.complete(null)) {
        // It was given up, and the connection closed, in the same moment.
        session.reading.closed(link, "the handshake took too long", false);
      }
    } else if (frame.type() == FrameType.REJECT) {
      rejected(frame.reject());
    } else {
      fail(
          connection.peer().address() + " answered RESUME by " + frame.type(),
          CloseReason.protocol("no handshake"));
    }
    return true;
  }

  private void challenged(Challenge asked) {
    if (!HandshakeRules.sane(asked)) {
      fail(
          connection.peer().address() + " sent a CHALLENGE without two nonces of 32 bytes",
          CloseReason.protocol("malformed handshake"));
      return;
    }
    challenge = asked;
    if (trial == null) {
      say(attempt.prove(asked));
    } else {
      ping();
    }
  }

  private void ping() {
    pingSentAt = session.runtime.now();
    say(FrameWriter.ping(measured.count() + 1, 0));
  }

  private void measured(long token) {
    Challenge asked = challenge;
    if (trial == null || asked == null || attempt.proved() || token != measured.count() + 1) {
      return;
    }
    measured.add(session.runtime.now() - pingSentAt);
    if (measured.count() < RoundTrips.KEPT) {
      ping();
    } else if (trial.test(measured.median()) && !attempt.asNobody()) {
      say(attempt.prove(asked));
    } else {
      fail(
          new ResumeException(
              Reason.DECLINED,
              connection.peer().address()
                  + " has a round trip of "
                  + measured.median() / 1_000
                  + (attempt.asNobody()
                      ? " us, but does not show who the peer is: no move for a better path"
                          + " gives that up"
                      : " us, and is not better")),
          CloseReason.local("measured, and not better"));
    }
  }

  private void rejected(Reject reject) {
    String instance = HexFormat.of().formatHex(reject.instance());
    boolean wrongDoor = !instance.equals(session.peer().instance());
    String at = connection.peer().address();
    boolean authenticated =
        connection.peer().security().compareTo(SecurityLevel.SERVER_AUTHENTICATED) >= 0;
    String another = wrongDoor ? null : session.path.showsAnother(connection.peer());
    if (!wrongDoor && another == null) {
      session.resuming.rejected(authenticated);
    } else if (wrongDoor && ownEndpoint) {
      session.resuming.gone();
    }
    ResumeException why;
    if (wrongDoor) {
      String text = at + " leads to another instance: " + instance;
      why = new ResumeException(Reason.WRONG_DOOR, text, instance);
    } else if (another != null) {
      why = new ResumeException(Reason.UNIDENTIFIED, another);
    } else {
      why = new ResumeException(Reason.REJECTED, at + " does not know the session");
    }
    fail(why, CloseReason.local("rejected"));
  }
}
