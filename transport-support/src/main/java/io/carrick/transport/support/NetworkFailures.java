package io.carrick.transport.support;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.net.BindException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What went wrong in a network, in words that tell what to do. */
public final class NetworkFailures {

  private NetworkFailures() {}

  /**
   * A connect that failed.
   *
   * @param why as the system says it
   */
  public static ConnectException cannotConnect(
      Endpoint endpoint, String why, @Nullable Throwable cause) {
    String remedy =
        why.contains("assign requested address")
            ? "this host has no address or no free port to reach that one from: check host and"
                + " port, and how many connections are open"
            : "start the service there, or check host and port";
    return new ConnectException(
        "cannot connect to " + endpoint + ": " + why + "; " + remedy, cause);
  }

  /** The name of an endpoint that has no address. */
  public static ConnectException unresolved(Endpoint endpoint, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return new ConnectException(
        "cannot connect to "
            + endpoint
            + ": "
            + (cause == null ? "no address" : cause.getMessage())
            + "; check the name and the DNS of this host",
        cause);
  }

  /** A socket that could not be bound. */
  public static EndpointException cannotListen(Endpoint endpoint, Throwable failure) {
    Throwable root = failure.getCause() == null ? failure : failure.getCause();
    String why = String.valueOf(root.getMessage());
    // The JDK has one class for all of them, and tells them apart by the system's text alone.
    StatusCode code = StatusCode.FAILED_PRECONDITION;
    String remedy = "check host and port: the address must be one of this host's";
    if (root instanceof BindException && why.contains("in use")) {
      code = StatusCode.ALREADY_EXISTS;
      remedy = "stop what listens there, or choose another port";
    } else if (root instanceof BindException && why.contains("ermission denied")) {
      code = StatusCode.PERMISSION_DENIED;
      remedy = "choose a port above 1023, or let this user have lower ones";
    }
    return new EndpointException(
        code, "cannot listen on " + endpoint + ": " + why + "; " + remedy, failure);
  }
}
