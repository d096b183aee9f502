package io.carrick.core.session;

import io.carrick.ConnectException;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Text;
import io.carrick.core.frame.Welcome;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** HELLO and WELCOME, by the side that dialled. */
final class ConnectHandshake extends ConnectionHandshake<Session> {

  /** A refusal is shown whole, with its remedy: the wire cuts it after 1,024 bytes. */
  private static final int MAX_REFUSAL = 1_024;

  private final SessionConfig config;
  private final SessionEvents events;
  private final String expectedService;
  private final KeyShare share = KeyShare.create();
  private volatile @Nullable Hello hello;

  ConnectHandshake(
      Connection connection,
      SessionConfig config,
      String expectedService,
      SessionRuntime runtime,
      SessionEvents events) {
    super(connection, runtime);
    this.config = config;
    this.expectedService = expectedService;
    this.events = events;
  }

  CompletableFuture<Session> begin() {
    Supplier<String> source = config.tokens().own();
    if (source == null) {
      greet("");
      limitTime(config.handshakeNanos());
    } else if (config.tokens().mayPass(connection.peer())) {
      limitTime(config.handshakeNanos());
      askFor(source);
    } else {
      fail(
          new ConnectException(
              StatusCode.FAILED_PRECONDITION, Tokens.inClear(connection.peer()), null),
          CloseReason.local("no path for a token"));
    }
    return result;
  }

  /** The source may take its time: until it has answered nothing is sent. */
  private void askFor(Supplier<String> source) {
    try {
      runtime
          .handlerExecutor()
          .execute(
              () -> {
                try {
                  greet(Tokens.ask(source));
                } catch (Throwable t) {
                  noToken(t.getMessage(), t);
                }
              });
    } catch (Throwable t) {
      noToken("the handler executor takes no more tasks", t);
    }
  }

  private void noToken(@Nullable String why, Throwable e) {
    fail(
        new ConnectException(
            StatusCode.UNAUTHENTICATED,
            "no token to show to " + connection.peer().address() + ": " + why,
            e),
        CloseReason.local("no token"));
  }

  private void greet(String token) {
    Hello mine = HandshakeFrames.hello(config, expectedService, share, token);
    hello = mine;
    connection.receive(receiver);
    say(FrameWriter.hello(mine));
  }

  @Override
  String awaited() {
    return hello == null ? "token for HELLO" : "WELCOME";
  }

  @Override
  Throwable failure(String message) {
    return new ConnectException(message, null);
  }

  @Override
  boolean onFrame(FrameParser frame) throws MalformedFrameException {
    if (frame.type() == FrameType.WELCOME) {
      welcomed(frame.welcome());
    } else if (frame.type() == FrameType.REJECT) {
      Reject reject = frame.reject();
      fail(
          new ConnectException(
              StatusCode.of(reject.code()),
              "the peer refused the session: " + Text.printable(reject.message(), MAX_REFUSAL),
              null),
          CloseReason.local("refused"));
    } else {
      fail(
          connection.peer().address()
              + " began with "
              + frame.type()
              + " and not with the handshake",
          CloseReason.protocol("no handshake"));
    }
    return true;
  }

  private void welcomed(Welcome welcome) {
    Hello mine = Objects.requireNonNull(hello, "HELLO was said");
    ConnectException refusal = HandshakeFrames.refuse(welcome, expectedService);
    Binding binding = null;
    if (refusal == null) {
      try {
        binding = HandshakeFrames.agree(mine, welcome, share);
      } catch (GeneralSecurityException e) {
        refusal =
            new ConnectException(
                StatusCode.UNAUTHENTICATED,
                connection.peer().address() + " agreed no key: " + e.getMessage(),
                e);
      }
    }
    SecurityLevel level = PathRules.security(connection.peer());
    if (refusal == null && level.compareTo(HandshakeFrames.floor(welcome.floor(), config)) < 0) {
      refusal =
          new ConnectException(
              StatusCode.FAILED_PRECONDITION,
              connection.peer().address()
                  + " gives security "
                  + level
                  + ", and "
                  + HandshakeFrames.floor(welcome.floor(), config)
                  + " is required: use an endpoint that gives it, or lower the floor",
              null);
    }
    if (refusal != null) {
      Audit.of(Audit.Event.HELLO_REFUSED, "initiator", connection.peer())
          .with("peer", welcome.service())
          .with("reason", String.valueOf(refusal.getMessage()))
          .log();
      fail(refusal, CloseReason.local("refused"));
      return;
    }
    PeerIdentity peer =
        HandshakeFrames.identity(
            welcome.service(),
            welcome.instance(),
            connection.peer().principal(),
            welcome.contentTypes(),
            welcome.encodings(),
            welcome.limits().maxMessageBytes(),
            connection.peer());
    Agreement agreed =
        new Agreement(
            true,
            HandshakeFrames.bounded(welcome.limits()),
            peer,
            binding,
            HandshakeFrames.floor(welcome.floor(), config),
            HandshakeFrames.sameHost(welcome, binding),
            welcome.endpoints(),
            TimeUnit.MILLISECONDS.toNanos(welcome.redialMillis()),
            welcome.identityRequired(),
            !mine.token().isEmpty(),
            null);
    Link link = new Link(connection, null);
    Session session = new Session(agreed, link, config, runtime, events);
    receiver.carry(session, link);
    runtime.add(session);
    if (!result.complete(session)) {
      session.abort(StatusCode.UNAVAILABLE, "the handshake took too long");
    }
  }
}
