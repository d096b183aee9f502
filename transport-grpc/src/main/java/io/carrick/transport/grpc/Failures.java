package io.carrick.transport.grpc;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.netty.Names;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsFailures;
import io.carrick.transport.support.NetworkFailures;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** What statuses of gRPC mean to a connection. */
final class Failures {

  /** What Netty says of an answer that begins with "HTTP/". */
  private static final String HTTP_1 = "first 5 bytes: 485454502f";

  private Failures() {}

  /** Why a call that had not begun ended. */
  static MessagingException connect(Endpoint endpoint, Status status) {
    Throwable cause = rootOf(status.getCause());
    String tls = TlsFailures.describe(status.getCause());
    if (tls != null) {
      return new EndpointException(
          StatusCode.UNAUTHENTICATED, "cannot connect to " + endpoint + ": " + tls, cause);
    }
    if (cause instanceof Names.UnresolvedException unresolved) {
      return NetworkFailures.unresolved(endpoint, unresolved);
    }
    String why = textOf(status, cause);
    if (why.contains(HTTP_1)) {
      return new ConnectException(
          "cannot connect to "
              + endpoint
              + ": it answers in HTTP/1.1; use grpcs:// if that port speaks TLS, or check host and"
              + " port",
          cause);
    }
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      return new EndpointException(
          StatusCode.UNIMPLEMENTED,
          "cannot connect to "
              + endpoint
              + ": the gRPC server there does not serve "
              + SessionMethod.SERVICE
              + " ("
              + why
              + "); check host and port",
          null);
    }
    return NetworkFailures.cannotConnect(endpoint, why, cause);
  }

  /** Why a call that had begun ended. */
  static CloseReason closeReason(Status status, String address) {
    return switch (status.getCode()) {
      case OK -> CloseReason.peer("the peer closed the connection");
      case RESOURCE_EXHAUSTED, INVALID_ARGUMENT, INTERNAL, UNKNOWN ->
          CloseReason.protocol(address + " broke the call: " + textOf(status, status.getCause()));
      default ->
          CloseReason.network(
              "the call with " + address + " ended: " + textOf(status, status.getCause()));
    };
  }

  private static String textOf(Status status, @Nullable Throwable cause) {
    StringBuilder text = new StringBuilder(status.getCode().name());
    if (status.getDescription() != null) {
      text.append(", ").append(status.getDescription());
    }
    if (cause != null && cause.getMessage() != null) {
      text.append(", ").append(cause.getMessage());
    }
    return text.toString();
  }

  private static @Nullable Throwable rootOf(@Nullable Throwable cause) {
    Throwable root = cause;
    while (root != null && root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }
}
