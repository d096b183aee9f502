package io.carrick;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A limit was reached, here or at the peer: a queue, a buffer, a handler, a message size. */
public final class OverloadedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  /** The detail that says after how many milliseconds to try again. */
  public static final String RETRY_AFTER_MS = "retry-after-ms";

  private final boolean tooLarge;

  // A map of strings is serializable in all implementations that Map.copyOf gives.
  @SuppressWarnings("serial")
  private final Map<String, String> details;

  /** Creates a refusal with RESOURCE_EXHAUSTED; the message names the limit and how to raise it. */
  public OverloadedException(Delivered delivered, String message) {
    this(delivered, message, Map.of());
  }

  /** Creates a refusal with the cause that led to it. */
  public OverloadedException(Delivered delivered, String message, @Nullable Throwable cause) {
    this(delivered, message, Map.of(), cause, false);
  }

  /**
   * Creates a refusal with details for programs to read, such as {@value #RETRY_AFTER_MS}. They
   * reach the caller where a handler or an interceptor throws it.
   *
   * @throws IllegalArgumentException if more than {@value CallException#MAX_DETAILS} details are
   *     given
   */
  public OverloadedException(Delivered delivered, String message, Map<String, String> details) {
    this(delivered, message, details, null, false);
  }

  private OverloadedException(
      Delivered delivered,
      String message,
      Map<String, String> details,
      @Nullable Throwable cause,
      boolean tooLarge) {
    super(StatusCode.RESOURCE_EXHAUSTED, delivered, message, cause);
    this.tooLarge = tooLarge;
    this.details = CallException.checked(details);
  }

  /** Creates the refusal of a message that is too large, which it is whenever it is sent. */
  public static OverloadedException tooLarge(Delivered delivered, String message) {
    return new OverloadedException(delivered, message, Map.of(), null, true);
  }

  /** Creates the refusal of what may be tried again after a time of at least 1 ms. */
  public static OverloadedException retryAfter(
      Delivered delivered, String message, Duration after) {
    long millis = Math.max(1, after.toMillis());
    return new OverloadedException(
        delivered, message, Map.of(RETRY_AFTER_MS, Long.toString(millis)));
  }

  /** As elsewhere, but not for a message that is too large: the limit must change first. */
  @Override
  public boolean retrySafe() {
    return super.retrySafe() && !tooLarge;
  }

  @Override
  public Map<String, String> details() {
    return details;
  }

  /** After what time to try again, where the details say so; at most 24 h. */
  public Optional<Duration> retryAfter() {
    String millis = details.get(RETRY_AFTER_MS);
    if (millis == null || !millis.matches("[0-9]{1,15}")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.min(86_400_000L, Long.parseLong(millis))));
  }
}
