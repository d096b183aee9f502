package io.carrick.core.session.state;

import io.carrick.Delivered;
import io.carrick.StatusCode;
import java.util.Map;

/**
 * How an exchange ended, truthfully (F9).
 *
 * @param cause what ended it
 * @param code OK where it ended in order
 * @param message for people; empty where it ended in order
 * @param details what the peer's handler added
 * @param delivered whether the peer may have taken the opening message
 */
public record End(
    Cause cause,
    StatusCode code,
    String message,
    Map<String, String> details,
    Delivered delivered) {

  /** The same with another code. */
  End with(StatusCode other) {
    return new End(cause, other, message, details, delivered);
  }

  /** What ended an exchange. */
  public enum Cause {
    /** The responder's last item. */
    COMPLETED,
    /** The responder's error. */
    FAILED,
    /** The opener's CANCEL: of this side, or of the peer. */
    CANCELLED,
    /** The opener's deadline, as CANCELLED. */
    EXPIRED,
    /** It had no seq when its session was put aside: its owner goes to another session. */
    WITHDRAWN,
    /** No connection carried the session, none could be had, and the opener did not wait. */
    UNREACHABLE,
    /** A limit of this side was passed by what came in. */
    TOO_LARGE,
    /** The loss of the session. */
    SESSION_LOST
  }
}
