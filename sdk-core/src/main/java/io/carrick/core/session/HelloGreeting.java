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
import io.carrick.core.frame.Welcome;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;

/** HELLO and WELCOME, by the side that dialled. */
final class HelloGreeting extends Greeting<Session> {

  /** A refusal is shown whole, with its remedy: the wire cuts it after 1,024 bytes. */
  private static final int MAX_REFUSAL = 1_024;

  private final SessionConfig config;
  private final SessionRuntime runtime;
  private final SessionEvents events;
  private final String expectedService;
  private final KeyShare share = KeyShare.create();
  private final Hello hello;

  HelloGreeting(
      Connection connection,
      SessionConfig config,
      String expectedService,
      SessionRuntime runtime,
      SessionEvents events) {
    super(connection);
    this.config = config;
    this.expectedService = expectedService;
    this.runtime = runtime;
    this.events = events;
    this.hello = Handshake.hello(config, expectedService, share);
  }

  CompletableFuture<Session> begin() {
    connection.receive(receiver);
    say(FrameWriter.hello(hello));
    limitTime(config.handshakeNanos());
    return result;
  }

  @Override
  String awaited() {
    return "WELCOME";
  }

  @Override
  Throwable failure(String message) {
    return new ConnectException(message, null);
  }

  @Override
  void onFrame(FrameParser frame) throws MalformedFrameException {
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
  }

  private void welcomed(Welcome welcome) {
    ConnectException refusal = Handshake.refuse(welcome, expectedService);
    Binding binding = null;
    if (refusal == null) {
      try {
        binding = Handshake.agree(hello, welcome, share);
      } catch (GeneralSecurityException e) {
        refusal =
            new ConnectException(
                StatusCode.UNAUTHENTICATED,
                connection.peer().address() + " agreed no key: " + e.getMessage(),
                e);
      }
    }
    SecurityLevel level = PathRules.security(connection.peer());
    if (refusal == null && level.compareTo(Handshake.floor(welcome.floor(), config)) < 0) {
      refusal =
          new ConnectException(
              StatusCode.FAILED_PRECONDITION,
              connection.peer().address()
                  + " gives security "
                  + level
                  + ", and "
                  + Handshake.floor(welcome.floor(), config)
                  + " is required: use an endpoint that gives it, or lower the floor",
              null);
    }
    if (refusal != null) {
      fail(refusal, CloseReason.local("refused"));
      return;
    }
    PeerIdentity peer =
        Handshake.identity(
            welcome.service(),
            welcome.instance(),
            welcome.contentTypes(),
            welcome.limits().maxMessageBytes(),
            connection.peer());
    Session.Agreed agreed =
        new Session.Agreed(
            true,
            Handshake.bounded(welcome.limits()),
            peer,
            binding,
            Handshake.floor(welcome.floor(), config),
            Handshake.sameHost(welcome, binding),
            welcome.endpoints());
    Link link = new Link(connection, null);
    Session session = new Session(agreed, link, config, runtime, events);
    receiver.carry(session, link);
    runtime.add(session);
    if (!result.complete(session)) {
      session.abort(StatusCode.UNAVAILABLE, "the handshake took too long");
    }
  }
}
