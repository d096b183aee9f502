package io.carrick.core.session;

import io.carrick.ConnectException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.Limits;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Welcome;
import io.carrick.spi.PeerInfo;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What both sides say before a session is open. Pure but for its random numbers. */
final class Handshake {

  /** The version of wire.proto that this code speaks. */
  static final int VERSION = 1;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MAX_CALLS = 1 << 20;

  private Handshake() {}

  static byte[] hello(SessionConfig config, String expectedService) {
    return FrameWriter.hello(
        new Hello(
            VERSION,
            VERSION,
            config.instance(),
            config.service(),
            expectedService,
            random(32),
            OutMessage.NO_BYTES,
            limits(config),
            config.contentTypes(),
            List.of(),
            0,
            ""));
  }

  static byte[] welcome(SessionConfig config) {
    return FrameWriter.welcome(
        new Welcome(
            VERSION,
            config.instance(),
            config.service(),
            random(16),
            random(32),
            OutMessage.NO_BYTES,
            limits(config),
            config.contentTypes(),
            List.of(),
            0,
            List.of(),
            OutMessage.NO_BYTES));
  }

  private static Limits limits(SessionConfig config) {
    return new Limits(
        config.maxMessageBytes(),
        config.initialBytes(),
        config.initialCalls(),
        config.initialCalls());
  }

  /** Why a HELLO is refused; null where it is taken. */
  static @Nullable Reject refuse(Hello hello, SessionConfig config) {
    if (hello.minVersion() > VERSION || hello.maxVersion() < VERSION) {
      return reject(
          config,
          "peer speaks versions "
              + hello.minVersion()
              + " to "
              + hello.maxVersion()
              + " of the wire, "
              + config.service()
              + " speaks "
              + VERSION
              + ": upgrade the older side");
    }
    if (!hello.expectedService().isEmpty() && !hello.expectedService().equals(config.service())) {
      return reject(
          config,
          "service \""
              + Text.printable(hello.expectedService())
              + "\" was expected, and this is \""
              + config.service()
              + "\": correct the endpoint or the name");
    }
    if (hello.instance().length != 16 || !sane(hello.limits())) {
      return reject(config, "HELLO is malformed: instance or limits");
    }
    return null;
  }

  private static Reject reject(SessionConfig config, String message) {
    return new Reject(config.instance(), StatusCode.FAILED_PRECONDITION.number(), message);
  }

  /** Why a WELCOME is refused; null where it is taken. */
  static @Nullable ConnectException refuse(Welcome welcome, String expectedService) {
    if (welcome.version() != VERSION || welcome.instance().length != 16) {
      return new ConnectException(
          StatusCode.FAILED_PRECONDITION,
          "the peer chose version "
              + welcome.version()
              + " of the wire, this side speaks "
              + VERSION,
          null);
    }
    if (!expectedService.isEmpty() && !expectedService.equals(welcome.service())) {
      return new ConnectException(
          StatusCode.FAILED_PRECONDITION,
          "service \""
              + expectedService
              + "\" was expected, and \""
              + Text.printable(welcome.service())
              + "\" answered: correct the endpoint or the name",
          null);
    }
    if (!sane(welcome.limits())) {
      return new ConnectException(
          StatusCode.FAILED_PRECONDITION, "WELCOME is malformed: limits", null);
    }
    return null;
  }

  private static boolean sane(Limits limits) {
    return limits.maxMessageBytes() > 0
        && limits.initialBytes() >= 0
        && limits.calls() >= 0
        && limits.streams() >= 0;
  }

  /** The peer's limits as this side uses them: no count that could overflow. */
  static Limits bounded(Limits limits) {
    return new Limits(
        limits.maxMessageBytes(),
        limits.initialBytes(),
        Math.min(limits.calls(), MAX_CALLS),
        Math.min(limits.streams(), MAX_CALLS));
  }

  static PeerIdentity identity(
      String service, byte[] instance, List<String> types, long maxMessage, PeerInfo path) {
    return new PeerIdentity(
        service,
        HexFormat.of().formatHex(instance),
        path.principal(),
        List.copyOf(types),
        maxMessage,
        path);
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
