package io.carrick.core.message;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.CodecException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.ProtocolException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.Text;
import io.carrick.core.run.Contained;
import io.carrick.core.session.state.End;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * A failure as it travels, and how exceptions become one and one becomes an exception.
 *
 * @param code its code, not OK
 * @param message for people
 * @param details for programs
 * @param notDelivered whether no handler saw the call
 */
public record Failure(
    StatusCode code, String message, Map<String, String> details, boolean notDelivered) {

  /** What handlers do wrong is said here. */
  public static final System.Logger HANDLERS = System.getLogger("io.carrick.handlers");

  /** A refusal before any handler saw the call. */
  public static Failure refusal(StatusCode code, String message) {
    return new Failure(code, message, Map.of(), true);
  }

  /**
   * A refusal for the reason that an exception gives. A body that is too large for its receiver, or
   * passes a limit of its codec, is a wrong argument: as RESOURCE_EXHAUSTED it would look as if it
   * could be taken later.
   */
  public static Failure refusal(MessagingException e) {
    return new Failure(code(e), text(e), e.details(), true);
  }

  private static StatusCode code(MessagingException e) {
    boolean tooLarge =
        e instanceof CodecException
            || (e instanceof OverloadedException
                && e.delivered() == Delivered.NO
                && !e.retrySafe());
    return tooLarge && e.code() == StatusCode.RESOURCE_EXHAUSTED
        ? StatusCode.INVALID_ARGUMENT
        : e.code();
  }

  /** The rule that a handler or its publisher broke. */
  public static Failure broken(String topic, String rule) {
    String message = "handler of " + topic + " " + rule;
    Contained.say(HANDLERS, System.Logger.Level.WARNING, message, null);
    return new Failure(StatusCode.INTERNAL, message, Map.of(), false);
  }

  /** Says that a handler failed. */
  public static void logHandler(String topic, Throwable e) {
    String what = "handler of " + Text.printable(topic) + " failed";
    Contained.say(HANDLERS, System.Logger.Level.WARNING, what, e);
  }

  /** What a handler threw: its own words if it is one of ours, else nothing of its internals. */
  public static Failure ofHandler(String topic, Throwable thrown) {
    Throwable cause = unwrap(thrown);
    if (cause instanceof MessagingException e) {
      return new Failure(code(e), text(e), e.details(), false);
    }
    logHandler(topic, cause);
    return new Failure(
        StatusCode.UNKNOWN,
        "handler of "
            + topic
            + " failed ("
            + cause.getClass().getSimpleName()
            + "): see the service's log",
        Map.of(),
        false);
  }

  /** The same as an exception, for a caller in this process. */
  public MessagingException toException() {
    Delivered delivered = notDelivered ? Delivered.NO : Delivered.YES;
    return code == StatusCode.RESOURCE_EXHAUSTED && notDelivered
        ? new OverloadedException(delivered, message, details)
        : new CallException(code, delivered, message, details, null);
  }

  /** What the end of an exchange means to its opener; {@code what} names the call. */
  public static MessagingException of(End end, String what) {
    String message = end.message().isEmpty() ? what : what + ": " + end.message();
    return switch (end.cause()) {
      case FAILED ->
          new Failure(end.code(), end.message(), end.details(), end.delivered() == Delivered.NO)
              .toException();
      case CANCELLED -> new CallCancelledException(end.delivered(), what + " was cancelled");
      case EXPIRED ->
          new DeadlineExceededException(
              end.delivered(),
              what
                  + ": its deadline passed"
                  + (end.message().isEmpty() ? "" : " while " + end.message()));
      case UNREACHABLE -> new ConnectException(message, null);
      case TOO_LARGE -> OverloadedException.tooLarge(end.delivered(), message);
      case SESSION_LOST, WITHDRAWN, COMPLETED ->
          end.code() == StatusCode.INTERNAL
              ? new ProtocolException(end.delivered(), message, null)
              : new SessionLostException(lossCode(end), end.delivered(), message, null);
    };
  }

  /** A call that waited for a session until its deadline, and why there was none. */
  public static DeadlineExceededException noSession(
      String what, Optional<String> service, String because, Duration deadline) {
    return new DeadlineExceededException(
        Delivered.NO,
        what
            + " found no session with "
            + service.orElse("the service")
            + " within "
            + deadline
            + ": "
            + (because.isEmpty() ? "see explain() of the remote" : because));
  }

  /** The same of a call that was sent before with its session lost: it may have been delivered. */
  public static MessagingException afterLoss(MessagingException e, String what) {
    if (e.delivered() != Delivered.NO) {
      return e;
    }
    String message =
        what
            + " was sent, and its session was lost before an answer came; it could not be repeated:"
            + " "
            + e.getMessage();
    return e instanceof DeadlineExceededException
        ? new DeadlineExceededException(Delivered.MAYBE, message)
        : new SessionLostException(Delivered.MAYBE, message, e);
  }

  private static StatusCode lossCode(End end) {
    return end.code() == StatusCode.UNAUTHENTICATED || end.code() == StatusCode.RESOURCE_EXHAUSTED
        ? end.code()
        : StatusCode.UNAVAILABLE;
  }

  /** The exception behind those that futures put around it. */
  public static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < 8; i++) {
      Throwable inner = cause.getCause();
      boolean wrapped = cause instanceof CompletionException || cause instanceof ExecutionException;
      if (!wrapped || inner == null) {
        break;
      }
      cause = inner;
    }
    return cause;
  }

  /** An exception as one of ours. */
  public static MessagingException messaging(Throwable thrown, String what) {
    Throwable cause = unwrap(thrown);
    if (cause instanceof MessagingException e) {
      return e;
    }
    return cause instanceof CancellationException
        ? new CallCancelledException(Delivered.MAYBE, what + " was cancelled")
        : new CallException(
            StatusCode.UNKNOWN, Delivered.MAYBE, what + " failed: " + cause, Map.of(), cause);
  }

  /** Whether it says that the call was not delivered. */
  public static boolean isNotDelivered(Throwable thrown) {
    return unwrap(thrown) instanceof MessagingException e && e.delivered() == Delivered.NO;
  }

  private static String text(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
