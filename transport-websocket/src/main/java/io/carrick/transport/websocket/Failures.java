package io.carrick.transport.websocket;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsFailures;
import io.carrick.transport.support.NetworkFailures;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What failures and close codes mean to a connection. */
final class Failures {

  /** What proxies answer while nobody is behind them. */
  private static final Set<Integer> NOBODY_BEHIND = Set.of(502, 503, 504);

  private static final int TOO_BIG = 1009;

  private Failures() {}

  /** Nobody took the connection. */
  static ConnectException refused(Endpoint endpoint, Throwable failure) {
    return NetworkFailures.cannotConnect(endpoint, textOf(failure), failure);
  }

  /** The connection ended in the handshake. */
  static MessagingException shaking(Endpoint endpoint, Throwable failure) {
    String tls = TlsFailures.describe(failure);
    if (tls != null) {
      return new EndpointException(
          StatusCode.UNAUTHENTICATED, "cannot connect to " + endpoint + ": " + tls, failure);
    }
    boolean plain = endpoint.scheme().equals(WebSocketAddress.PLAIN);
    return new ConnectException(
        "cannot connect to "
            + endpoint
            + ": it closed the connection ("
            + textOf(failure)
            + "); "
            + (plain
                ? "use wss:// if that port speaks TLS, or check host and port"
                : "check host and port, and whether it wants a certificate from this side"),
        failure);
  }

  /** What answers does not speak HTTP/1.1. */
  static ConnectException noHttp(Endpoint endpoint, @Nullable Throwable failure) {
    return new ConnectException(
        "cannot connect to "
            + endpoint
            + ": it does not speak HTTP/1.1 ("
            + (failure == null ? "it answered 400" : textOf(failure))
            + "); use wss:// if that port speaks TLS, or check host and port",
        failure);
  }

  /** An answer that no session begins with. */
  static MessagingException answered(Endpoint endpoint, int status) {
    if (status == 400 && endpoint.scheme().equals(WebSocketAddress.PLAIN)) {
      return noHttp(endpoint, null); // So do ports that speak TLS.
    }
    return NOBODY_BEHIND.contains(status)
        ? NetworkFailures.cannotConnect(endpoint, "it answered " + status, null)
        : unserved(endpoint, "it answered " + status);
  }

  /** What listens there serves something else. */
  static EndpointException unserved(Endpoint endpoint, String what) {
    return new EndpointException(
        StatusCode.UNIMPLEMENTED,
        "cannot connect to "
            + endpoint
            + ": the HTTP server there does not serve "
            + Engines.PROTOCOL
            + " at "
            + Engines.PATH
            + " ("
            + what
            + "); check host and port, and that each proxy on the way forwards upgrades",
        null);
  }

  /**
   * Why a connection was closed (RFC 6455, section 7.4).
   *
   * @param largest message that this side has sent
   */
  static CloseReason closeReason(
      String address, jakarta.websocket.CloseReason reason, int largest) {
    int code = reason.getCloseCode().getCode();
    String said = reason.getReasonPhrase();
    String detail =
        "the connection with "
            + address
            + " was closed with "
            + code
            + (said == null || said.isEmpty() ? "" : ": " + said.replaceAll("\\p{Cntrl}", "?"));
    return switch (code) {
      case 1000, 1001 -> CloseReason.peer(detail);
      case TOO_BIG ->
          CloseReason.protocol(
              detail
                  + "; the largest message of this side had "
                  + largest
                  + " bytes, so let what is between forward as many");
      case 1002, 1003, 1007, 1008, 1010 -> CloseReason.protocol(detail);
      default -> CloseReason.network(detail);
    };
  }

  /** A text of at most so many bytes of UTF-8. */
  static String shorten(String text, int most) {
    String plain = text.replaceAll("[^ -~]", "?");
    return plain.length() <= most ? plain : plain.substring(0, most);
  }

  private static String textOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root instanceof IOException && root.getMessage() != null
        ? root.getMessage()
        : root.toString();
  }
}
