package io.carrick.transport.support.edge;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * A failure in words that a caller without the SDK may read, for each edge to tell in its idiom.
 *
 * @param code what kind of failure it is
 * @param delivered whether the message may have been
 * @param retrySafe whether the same call may be made again
 * @param message for people
 * @param details for programs, as the service gave them
 */
public record EdgeFailure(
    StatusCode code,
    Delivered delivered,
    boolean retrySafe,
    String message,
    Map<String, String> details) {

  private static final System.Logger LOG = System.getLogger(EdgeFailure.class.getName());

  /** Copies the details. */
  public EdgeFailure {
    details = Map.copyOf(details);
  }

  /**
   * What a caller is told of a failure.
   *
   * @param thrown if it is not meant for callers, they are referred to the log, where it stands
   *     then
   */
  public static EdgeFailure of(Throwable thrown) {
    MessagingException told = messaging(thrown);
    return new EdgeFailure(
        told.code(),
        told.delivered(),
        told.retrySafe(),
        String.valueOf(told.getMessage()),
        told.details());
  }

  private static MessagingException messaging(Throwable thrown) {
    Throwable cause = unwrap(thrown);
    if (cause instanceof MessagingException e) {
      return e;
    }
    if (cause instanceof CancellationException) {
      return refusal(StatusCode.CANCELLED, "the call was cancelled");
    }
    LOG.log(System.Logger.Level.WARNING, "A call of a program without the SDK failed", cause);
    return new CallException(
        StatusCode.INTERNAL,
        Delivered.MAYBE,
        "the call failed (" + cause.getClass().getSimpleName() + "): see the service's log",
        Map.of(),
        null);
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** A refusal of an edge: nobody saw the call. */
  public static MessagingException refusal(StatusCode code, String message) {
    return new CallException(code, Delivered.NO, message, Map.of(), null);
  }

  /** What a call is told whose message is none. */
  public static MessagingException malformed(IllegalArgumentException e) {
    return refusal(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
  }

  /** The message in so many bytes of UTF-8 at most; a longer one ends in three points. */
  public String shortMessage(int mostBytes) {
    return shortened(message, mostBytes);
  }

  /** A text in so many bytes of UTF-8 at most, as {@link #shortMessage}. */
  public static String shortened(String message, int mostBytes) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= mostBytes) {
      return message;
    }
    int end = mostBytes - 3;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + "...";
  }
}
