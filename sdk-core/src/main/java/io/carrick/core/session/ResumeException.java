package io.carrick.core.session;

import java.util.Optional;

/** A connection was not given the session: it is closed, and the session is as it was before. */
public final class ResumeException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** Another instance answered. */
    WRONG_DOOR,
    /** The session's instance does not know the session, or not this side. */
    REJECTED,
    /** This side does not move there: floor or principal. */
    FORBIDDEN,
    /** The same, and only since the path does not show who is there: a new session may begin. */
    UNIDENTIFIED,
    /** It was measured, and is not better. */
    DECLINED,
    /** The connection closed, said nothing in time, proved nothing, or came at a wrong time. */
    FAILED
  }

  private final Reason reason;
  private final String instance;

  ResumeException(Reason reason, String message) {
    this(reason, message, "");
  }

  ResumeException(Reason reason, String message, String instance) {
    super(message);
    this.reason = reason;
    this.instance = instance;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** The instance that answered at a wrong door, 32 hexadecimal digits. */
  public Optional<String> instance() {
    return instance.isEmpty() ? Optional.empty() : Optional.of(instance);
  }
}
