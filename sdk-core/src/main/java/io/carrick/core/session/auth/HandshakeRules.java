package io.carrick.core.session.auth;

import io.carrick.SecurityLevel;
import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Text;
import io.carrick.core.frame.Welcome;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the fields of a handshake must look like, whoever says them. Pure. */
public final class HandshakeRules {

  /** What a service is called. */
  public static final Pattern SERVICE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /** The most characters of a content type, an encoding, or the kind of a path. */
  static final int MAX_NAME = 255;

  private static final int ID_BYTES = 16;
  private static final int NONCE_BYTES = 32;
  private static final int MAC_BYTES = 32;

  private HandshakeRules() {}

  /** What is wrong with a HELLO; null where nothing is. */
  public static @Nullable String wrong(Hello hello) {
    if (!SERVICE.matcher(hello.service()).matches()) {
      return service("service", hello.service());
    }
    if (!hello.expectedService().isEmpty() && !SERVICE.matcher(hello.expectedService()).matches()) {
      return service("expected_service", hello.expectedService());
    }
    if (hello.floor() >= SecurityLevel.values().length) {
      return "floor " + hello.floor() + " is no security level: 0 to 3";
    }
    return hello.instance().length != ID_BYTES
            || !sane(hello.limits())
            || hello.nonce().length != NONCE_BYTES
            || !isOrNone(KeyShare.BYTES, hello.keyShare())
            || !names(hello.contentTypes())
            || !names(hello.encodings())
        ? "HELLO is malformed: instance, limits, nonce, key_share, content_types or encodings"
        : null;
  }

  /** What is wrong with a WELCOME; null where nothing is. */
  public static @Nullable String wrong(Welcome welcome) {
    if (!SERVICE.matcher(welcome.service()).matches()) {
      return service("service", welcome.service());
    }
    return welcome.instance().length != ID_BYTES
            || !sane(welcome.limits())
            || welcome.floor() >= SecurityLevel.values().length
            || welcome.session().length != ID_BYTES
            || welcome.nonce().length != NONCE_BYTES
            || !isOrNone(KeyShare.BYTES, welcome.keyShare())
            || !isOrNone(MAC_BYTES, welcome.mac())
            || !isOrNone(MAC_BYTES, welcome.host())
            || !names(welcome.contentTypes())
            || !names(welcome.encodings())
        ? "WELCOME is malformed: instance, limits, floor, session, nonce, key_share, mac, host,"
            + " content_types or encodings"
        : null;
  }

  /** Whether a RESUME is worth an answer. */
  public static boolean sane(Resume resume) {
    return resume.pathKind().length() <= MAX_NAME
        && resume.session().length == ID_BYTES
        && resume.clientInstance().length == ID_BYTES
        && resume.serverInstance().length == ID_BYTES
        && resume.nonce().length == NONCE_BYTES;
  }

  /** Whether a CHALLENGE is worth a proof. */
  public static boolean sane(Challenge challenge) {
    return challenge.nonce().length == NONCE_BYTES && challenge.pathNonce().length == NONCE_BYTES;
  }

  private static String service(String field, String name) {
    return field + " \"" + Text.printable(name) + "\" must match " + SERVICE.pattern();
  }

  private static boolean isOrNone(int length, byte[] value) {
    return value.length == length || value.length == 0;
  }

  private static boolean names(List<String> texts) {
    return texts.stream()
        .allMatch(
            text ->
                !text.isEmpty()
                    && text.length() <= MAX_NAME
                    && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f));
  }

  private static boolean sane(ReceiveLimits limits) {
    return limits.maxMessageBytes() > 0
        && limits.initialBytes() >= 0
        && limits.calls() >= 0
        && limits.streams() >= 0;
  }
}
