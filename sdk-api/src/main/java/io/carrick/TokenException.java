package io.carrick;

/**
 * A token is not to be trusted. The peer learns that it was refused, and whether it has expired;
 * the audit log has the reason and the message.
 */
public final class TokenException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why a token is refused. */
  public enum Reason {
    /** It is no token of the form that is expected. */
    MALFORMED,
    /** Its algorithm, its key or its signature is not one that is trusted. */
    UNTRUSTED,
    /** It was made by somebody else, for somebody else, or for another purpose. */
    NOT_FOR_THIS,
    /** Its time has not begun. */
    NOT_YET_VALID,
    /** Its time is over; said of tokens with a good signature only. */
    EXPIRED
  }

  private final Reason reason;

  /** Creates a refusal; the message is for the audit log and never holds the token. */
  public TokenException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why it is refused. */
  public Reason reason() {
    return reason;
  }
}
