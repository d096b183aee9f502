package io.carrick;

import java.util.List;

/**
 * No endpoint of a remote meets the needs of a call. Nothing was downgraded and nothing was sent.
 * The message and {@link #rejections()} list each candidate, why it was rejected, and what helps.
 */
public final class NoPathException extends MessagingException {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // List.copyOf gives serializable lists of serializable records.
  private final List<Rejection> rejections;

  /** Creates a refusal from the rejected candidates. */
  public NoPathException(String message, List<Rejection> rejections) {
    super(StatusCode.FAILED_PRECONDITION, Delivered.NO, message, null);
    this.rejections = List.copyOf(rejections);
  }

  /** Each candidate that was looked at, in configured order. */
  public List<Rejection> rejections() {
    return rejections;
  }

  /** Never: needs, endpoints or installed transports must change first. */
  @Override
  public boolean retrySafe() {
    return false;
  }

  /**
   * One candidate that was not chosen.
   *
   * @param endpoint its URI
   * @param reason why it does not meet the needs
   * @param remedy what would help: the artifact to add, the listener to open, the need to relax
   */
  public record Rejection(String endpoint, String reason, String remedy)
      implements java.io.Serializable {}
}
