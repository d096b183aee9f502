package io.carrick.core.session;

import io.carrick.CallException;
import io.carrick.ConnectException;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Text;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.HandshakeRules;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.ResumeAttempt;
import io.carrick.core.session.auth.ResumeCheck;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.Caller;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.GuardedConnection;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the side that listens answers: to HELLO a new session, to RESUME the one that it names. */
final class AcceptHandshake extends ConnectionHandshake<Session> {

  /** A peer that dialled and says nothing is let go after 5 s. */
  private static final long MAX_HELLO_NANOS = 5_000_000_000L;

  /** How many round trips may be measured between CHALLENGE and PROOF. */
  static final int MAX_PINGS = 16;

  private final SessionConfig config;
  private final SessionEvents events;
  private final Consumer<Session> started;

  /** Held by the reading thread, or by the one that verified the token of HELLO. */
  private final Object turn = new Object();

  // Guarded by turn.
  private @Nullable ResumeCheck check;
  private int pings;
  private boolean verifying;

  AcceptHandshake(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      Consumer<Session> started) {
    super(connection, runtime);
    this.config = config;
    this.events = events;
    this.started = started;
  }

  void begin() {
    if (connection instanceof GuardedConnection guarded) {
      guarded.awaitAdmission();
    }
    runtime.visitors().arrived(this, result, config.peers().unknownPeers());
    connection.receive(receiver);
    limitTime(Math.min(config.handshakeNanos(), MAX_HELLO_NANOS));
  }

  /** Too many wait, and this one has waited longest. */
  void shed(int most) {
    String message = "closed: of the " + most + " peers that may wait with HELLO it came first";
    if (!result.completeExceptionally(failure(message))) {
      return; // It was known before it was closed.
    }
    Audit.of(Audit.Event.HELLO_REFUSED, "acceptor", connection.peer())
        .with("reason", message)
        .log();
    connection.close(CloseReason.local("too many peers without HELLO: say it at once"));
  }

  @Override
  String awaited() {
    return "HELLO";
  }

  @Override
  Throwable failure(String message) {
    return new ConnectException(message, null);
  }

  @Override
  boolean onFrame(FrameParser frame) throws MalformedFrameException {
    synchronized (turn) {
      if (receiver.isCarrying()) {
        return false;
      }
      heard(frame);
      return true;
    }
  }

  @Override
  void settle() {
    synchronized (turn) {
      // Whoever verified the token holds it until the node knows the session.
    }
  }

  private void heard(FrameParser frame) throws MalformedFrameException {
    if (verifying && frame.type() == FrameType.HELLO) {
      return; // The same again: some ways deliver twice.
    }
    ResumeCheck asked = check;
    if (asked != null && frame.type() == FrameType.PROOF) {
      proved(asked, frame.proof());
    } else if (asked != null && frame.type() == FrameType.PING && pings < MAX_PINGS) {
      pings++;
      say(FrameWriter.pong(frame.token(), 0));
    } else if (asked == null && frame.type() == FrameType.HELLO) {
      greeted(frame.hello());
    } else if (asked == null && !verifying && frame.type() == FrameType.RESUME) {
      challenge(frame.resume());
    } else if (frame.type() != FrameType.RESUME) {
      fail(
          connection.peer().address()
              + " began with "
              + frame.type()
              + " and not with the handshake",
          CloseReason.protocol("no handshake"));
    }
  }

  private void greeted(Hello hello) {
    Reject reject =
        runtime.isDraining()
            ? new Reject(
                config.instance(),
                StatusCode.UNAVAILABLE.number(),
                config.service() + " goes away and takes no new sessions: use another endpoint")
            : audited(hello, HandshakeFrames.refuse(hello, config, connection.peer()));
    if (reject != null) {
      refuse(reject);
      return;
    }
    CompletableFuture<Caller> asked =
        config
            .tokens()
            .ask(runtime.handlerExecutor(), config.service(), connection.peer(), hello.token());
    if (asked.isDone()) {
      asked.whenComplete((caller, refused) -> answer(hello, caller, refused));
    } else {
      verifying = true;
      asked.whenComplete((caller, refused) -> answerLater(hello, caller, refused));
    }
  }

  /** The token was verified, on a thread for that: what the peer says next waits for this. */
  private void answerLater(Hello hello, @Nullable Caller caller, @Nullable Throwable refused) {
    CarrickThreads.asReader(
        () -> {
          synchronized (turn) {
            if (!result.isDone()) {
              answer(hello, caller, refused);
            }
          }
          receiver.tellIfClosed();
        });
  }

  private void answer(Hello hello, @Nullable Caller caller, @Nullable Throwable refused) {
    try {
      if (caller == null) {
        refuse(rejected(refused));
      } else {
        known(hello, caller);
      }
    } catch (Throwable t) {
      fail(
          "the handshake with " + connection.peer().address() + " failed here: " + t,
          CloseReason.local("the handshake failed"));
      Contained.log(Failing.READ, t);
    }
  }

  private Reject rejected(@Nullable Throwable refused) {
    return refused instanceof CallException e
        ? new Reject(config.instance(), e.code().number(), String.valueOf(e.getMessage()))
        : silent();
  }

  private void known(Hello hello, Caller caller) {
    HandshakeFrames.Answer answer;
    try {
      answer =
          HandshakeFrames.answer(
              config,
              hello,
              runtime.redialMillis(config.resumption().spreadNanos()),
              PathRules.requiresIdentity(
                  connection.peer().principal(),
                  HandshakeFrames.floor(hello.floor(), config),
                  config.resumption()));
    } catch (GeneralSecurityException e) {
      String why = "the key share of HELLO is no key: " + e.getMessage();
      refuse(HandshakeFrames.reject(config, why), hello);
      return;
    }
    Reject full = enter(caller.principal());
    if (full == null) {
      begin(welcomed(hello, answer, caller));
    } else {
      refuse(full, hello);
    }
  }

  private void refuse(Reject reject, Hello hello) {
    audited(hello, reject);
    refuse(reject);
  }

  /** The session, which gives back the place of its peer when it ends. */
  private Session welcomed(Hello hello, HandshakeFrames.Answer answer, Caller caller) {
    try {
      Session session = session(hello, answer, caller);
      say(FrameWriter.welcome(answer.welcome()));
      return session;
    } catch (Throwable t) {
      runtime.visitors().leave(caller.principal());
      throw t;
    }
  }

  private Session session(Hello hello, HandshakeFrames.Answer answer, Caller caller) {
    PeerIdentity peer =
        HandshakeFrames.identity(
            hello.service(),
            hello.instance(),
            caller.principal(),
            hello.contentTypes(),
            hello.encodings(),
            hello.limits().maxMessageBytes(),
            connection.peer());
    Agreement agreed =
        new Agreement(
            false,
            HandshakeFrames.bounded(hello.limits()),
            peer,
            answer.binding(),
            HandshakeFrames.floor(hello.floor(), config),
            false,
            java.util.List.of(),
            0,
            false,
            caller.expires() != null,
            caller.expires());
    SessionConfig its = config.withResumption(config.resumption().within(hello.resumeMillis()));
    return new Session(agreed, new Link(connection, null), its, runtime, events);
  }

  private void begin(Session session) {
    runtime.add(session);
    receiver.carry(session, Objects.requireNonNull(session.path.link()));
    try {
      admit();
      if (result.complete(session)) {
        // On the reading thread, before the frame behind the handshake is looked at.
        started.accept(session);
      } else {
        session.abort(StatusCode.UNAVAILABLE, "the handshake took too long");
      }
    } catch (Throwable t) {
      session.abort(StatusCode.INTERNAL, "the session could not begin");
      Contained.log(Failing.BEGIN, t);
    }
  }

  private void admit() {
    if (connection instanceof GuardedConnection guarded) {
      guarded.admit();
    }
  }

  private @Nullable Reject enter(Principal principal) {
    int most = config.peers().sessionsPerPrincipal();
    return runtime.visitors().enter(principal, most)
        ? null
        : new Reject(
            config.instance(),
            StatusCode.RESOURCE_EXHAUSTED.number(),
            Text.printable(principal.toString())
                + " has "
                + most
                + " sessions with "
                + config.service()
                + " and may have no more: close some, share one messenger, or raise"
                + " PeerLimits.sessionsPerPrincipal of the service");
  }

  private @Nullable Reject audited(Hello hello, @Nullable Reject reject) {
    if (reject != null) {
      Audit.of(Audit.Event.HELLO_REFUSED, "acceptor", connection.peer())
          .with("peer", hello.service())
          .with("reason", reject.message())
          .log();
    }
    return reject;
  }

  private void challenge(Resume resume) {
    if (!Arrays.equals(resume.serverInstance(), config.instance())
        || !HandshakeRules.sane(resume)) {
      // A wrong door: who we are is no secret.
      refuse(silent());
      return;
    }
    ResumeCheck asked =
        new ResumeCheck(
            resume,
            HandshakeFrames.random(ResumeAttempt.NONCE_BYTES),
            HandshakeFrames.random(ResumeAttempt.NONCE_BYTES));
    check = asked;
    runtime.stranger(config); // Made now, so that the first proof costs what all others do.
    say(asked.challenge());
  }

  private void proved(ResumeCheck asked, Proof proof) {
    Session found = runtime.resumable(asked.resume.session());
    Session session = found == null ? runtime.stranger(config) : found;
    Link link = session.resuming.accept(connection, asked, proof, found != null);
    if (link == null) {
      refuse(silent());
      return;
    }
    receiver.carry(session, link);
    admit();
    if (!result.complete(session)) {
      session.reading.closed(link, "the handshake took too long", false);
    }
  }

  /** The same bytes for whatever reason (R16). */
  private Reject silent() {
    return new Reject(config.instance(), 0, "");
  }

  private void refuse(Reject reject) {
    say(FrameWriter.reject(reject));
    fail("refused: " + reject.message(), CloseReason.local("refused"));
  }
}
