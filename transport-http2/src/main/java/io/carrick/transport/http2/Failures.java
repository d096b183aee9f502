package io.carrick.transport.http2;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsFailures;
import io.carrick.transport.support.NetworkFailures;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What failures of OkHttp mean to a connection. */
final class Failures {

  /** What OkHttp says of an answer that begins with "HTT". */
  private static final String HTTP_1 = "FRAME_SIZE_ERROR: " + 0x485454;

  private static final String PROTOCOL_RESET = "stream was reset: PROTOCOL_ERROR";

  /** What proxies answer while nobody is behind them. */
  private static final Set<Integer> NOBODY_BEHIND = Set.of(502, 503, 504);

  private Failures() {}

  /** Why a call that had not begun ended. */
  static MessagingException connect(Endpoint endpoint, Exception failure) {
    String tls = TlsFailures.describe(failure);
    if (tls != null) {
      return new EndpointException(
          StatusCode.UNAUTHENTICATED, "cannot connect to " + endpoint + ": " + tls, failure);
    }
    String why = textOf(failure);
    if (why.contains(HTTP_1) || failure instanceof ProtocolException) {
      return new ConnectException(
          "cannot connect to "
              + endpoint
              + ": it answers in HTTP/1.1; use https:// if that port speaks TLS, or check host and"
              + " port, and that each proxy on the way speaks HTTP/2 on both sides",
          failure);
    }
    if (endpoint.scheme().equals(Http2Address.PLAIN) && isBroken(failure)) {
      // A port that speaks TLS closes, and what it said before may be lost.
      return new ConnectException(
          "cannot connect to "
              + endpoint
              + ": it closed the connection ("
              + why
              + "); use https:// if that port speaks TLS, or check host and port",
          failure);
    }
    return NetworkFailures.cannotConnect(endpoint, why, failure);
  }

  /** Whether it was connected, and the other side ended that. */
  private static boolean isBroken(Exception failure) {
    return !(failure instanceof OwnSockets.Unanswered)
        && !(failure instanceof java.net.ConnectException)
        && !(failure instanceof NoRouteToHostException)
        && !(failure instanceof SocketTimeoutException)
        && failure instanceof IOException;
  }

  /** An answer that no session begins with. */
  static MessagingException answered(Endpoint endpoint, int status, @Nullable String type) {
    String what = "it answered " + status + (type == null ? "" : " with " + type);
    if (NOBODY_BEHIND.contains(status)) {
      return NetworkFailures.cannotConnect(endpoint, what, null);
    }
    return new EndpointException(
        StatusCode.UNIMPLEMENTED,
        "cannot connect to "
            + endpoint
            + ": the HTTP server there does not serve "
            + SessionCall.PATH
            + " ("
            + what
            + "); check host and port",
        null);
  }

  /** Why a call that had begun ended. */
  static CloseReason closeReason(String address, Throwable failure) {
    String detail = "the call with " + address + " ended: " + textOf(failure);
    return PROTOCOL_RESET.equals(failure.getMessage())
        ? CloseReason.protocol(detail)
        : CloseReason.network(detail);
  }

  private static String textOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return root == failure ? text : text + " (" + root.getMessage() + ")";
  }
}
