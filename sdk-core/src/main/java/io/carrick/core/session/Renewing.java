package io.carrick.core.session;

import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.TokenLife;
import io.carrick.spi.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a session gets another token before the one that it rests on expires: the part of {@link
 * Session} that asks the source of this node, or the verifier. Both run outside of the serial
 * section.
 */
final class Renewing {

  private static final System.Logger LOG = System.getLogger("io.carrick.session");

  private static final Duration LONGEST = Duration.ofDays(3_650);

  private final Session session;
  private final Tokens tokens;
  private final AtomicBoolean asking = new AtomicBoolean();

  Renewing(Session session) {
    this.session = session;
    this.tokens = session.config.tokens();
  }

  /** When a token that expires then is over, on the clock of sessions. */
  static long endsAt(Instant expires, long now) {
    Duration left = Duration.between(Instant.now(), expires);
    return now + (left.compareTo(LONGEST) > 0 ? LONGEST : left).toNanos();
  }

  /** The acceptor wants another token. */
  void asked() {
    Supplier<String> source = tokens.own();
    if (source == null || !session.isInitiator() || !asking.compareAndSet(false, true)) {
      return;
    }
    try {
      session.runtime.handlerExecutor().execute(() -> answer(source));
    } catch (Throwable t) {
      asking.set(false);
      Contained.log(Failing.TOKEN_SOURCE, t);
    }
  }

  private void answer(Supplier<String> source) {
    try {
      show(Tokens.ask(source));
    } catch (Throwable e) {
      Contained.say(
          LOG,
          System.Logger.Level.WARNING,
          "no new token for the session with "
              + session.peer().service()
              + ", which ends with the old one: "
              + e.getMessage(),
          null);
    } finally {
      asking.set(false);
    }
  }

  /** The initiator showed another token: it counts if it names the same. */
  void shown(String token) {
    var unused =
        tokens
            .ask(session.runtime.handlerExecutor(), session.config.service(), session.path(), token)
            .whenComplete((caller, refused) -> verified(caller));
  }

  /** The session goes on to the end of the token that it has where the new one was refused. */
  private void verified(@Nullable Caller caller) {
    if (caller == null) {
      return;
    }
    Instant expires = caller.expires();
    if (expires == null || !caller.principal().equals(session.peer().principal())) {
      Audit.of(Audit.Event.TOKEN_OF_ANOTHER)
          .with("principal", session.peer().principal())
          .with("shown", caller.principal())
          .with("address", session.path().address())
          .log();
      session.abort(StatusCode.UNAUTHENTICATED, "the new token names somebody else");
      return;
    }
    renewed(expires);
  }

  /** Shows the peer another token; no path of the session lets others read it. */
  private void show(String token) {
    byte[] notice = FrameWriter.notice(List.of(), false, false, token, false);
    session.section.turn(() -> session.core.notice(notice));
  }

  /** The token that the session rests on is another one from now on. */
  private void renewed(Instant expires) {
    session.section.turn(
        () -> {
          TokenLife life = session.core.tokenLife;
          if (life != null) {
            long now = session.runtime.now();
            life.renew(endsAt(expires, now), now);
          }
        });
  }
}
