package io.carrick;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How calls on a remote are made: deadline, priority, content type and headers. Immutable.
 *
 * @param deadline total time for request, send and publish; time to the first item for stream and
 *     channel; time until accepted for subscribe. It runs from the call on, whatever interceptors
 *     do. 1 ms to 24 h, 30 s by default
 * @param priority who goes first on a busy session
 * @param contentType what to encode values as; by default text for strings, bytes for byte arrays,
 *     else the first codec that both sides share and that takes the value's type
 * @param headers sent with each call
 * @param waitForReady whether a call waits until its deadline while no connection to its service
 *     can be had, as calls do by default. Where it is false, a call that was not sent yet fails
 *     with {@link ConnectException} as soon as all endpoints were tried in vain, and those that
 *     come after it fail at once until one of them answers. A call that was sent is on its way: it
 *     waits in its session, whatever is said here, until its deadline or, with {@link
 *     SessionLostException}, until the session ends
 */
public record CallOptions(
    Duration deadline,
    Priority priority,
    Optional<String> contentType,
    Headers headers,
    boolean waitForReady) {

  // Before DEFAULT, whose validation reads it.
  private static final Duration LONGEST = Duration.ofHours(24);

  /** A deadline of 30 s, normal priority, no headers. */
  public static final CallOptions DEFAULT =
      new CallOptions(Duration.ofSeconds(30), Priority.NORMAL, Optional.empty(), Headers.EMPTY);

  public CallOptions {
    Objects.requireNonNull(priority, "priority");
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(headers, "headers");
    if (deadline.compareTo(Duration.ofMillis(1)) < 0 || deadline.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("deadline " + deadline + " must be 1 ms to 24 h");
    }
  }

  /** Options for calls that wait for their service. */
  public CallOptions(
      Duration deadline, Priority priority, Optional<String> contentType, Headers headers) {
    this(deadline, priority, contentType, headers, true);
  }

  /** The same options with another deadline. */
  public CallOptions withDeadline(Duration value) {
    return new CallOptions(value, priority, contentType, headers, waitForReady);
  }

  /** The same options with another priority. */
  public CallOptions withPriority(Priority value) {
    return new CallOptions(deadline, value, contentType, headers, waitForReady);
  }

  /** The same options with values encoded as this content type. */
  public CallOptions withContentType(String value) {
    return new CallOptions(deadline, priority, Optional.of(value), headers, waitForReady);
  }

  /** The same options with one more header. */
  public CallOptions withHeader(String name, String value) {
    return new CallOptions(
        deadline, priority, contentType, headers.with(name, value), waitForReady);
  }

  /**
   * The same options with calls whose messages are not compressed, by {@link
   * CallContext#ENCODING_HEADER}. Replies are asked for nothing by that.
   */
  public CallOptions withoutCompression() {
    return headers.first(CallContext.ENCODING_HEADER).isPresent()
        ? this
        : withHeader(CallContext.ENCODING_HEADER, "identity");
  }

  /** The same options with calls that wait for a service that cannot be reached, or do not. */
  public CallOptions withWaitForReady(boolean value) {
    return new CallOptions(deadline, priority, contentType, headers, value);
  }
}
