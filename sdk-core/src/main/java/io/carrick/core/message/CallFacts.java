package io.carrick.core.message;

import io.carrick.Authorizer;
import io.carrick.CallContext;
import io.carrick.Headers;
import io.carrick.Principal;
import io.carrick.Priority;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a call that no handler answers here: of one that this side makes, and of a
 * subscription that it serves.
 *
 * @param deadline on the clock of System.nanoTime; 0 for none
 * @param attributes shared by all attempts
 */
public record CallFacts(
    Authorizer.Action action,
    String topic,
    boolean serving,
    Principal principal,
    Optional<String> service,
    Optional<String> instance,
    Headers headers,
    Priority priority,
    int attempt,
    boolean idempotent,
    long deadline,
    Map<String, Object> attributes)
    implements CallContext {

  /** What is more than this is not believed. */
  private static final int MOST_ATTEMPTS = 1_000_000;

  /** The same call, made again. */
  public CallFacts again(int newAttempt) {
    return new CallFacts(
        action,
        topic,
        serving,
        principal,
        service,
        instance,
        headers,
        priority,
        newAttempt,
        idempotent,
        deadline,
        attributes);
  }

  @Override
  public Optional<Duration> remaining() {
    return remaining(deadline);
  }

  /** The time until a deadline on the clock of System.nanoTime; 0 is none. */
  public static Optional<Duration> remaining(long deadline) {
    return deadline == 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
  }

  /** Which attempt the caller says that this is; 1 where it says nothing that can be. */
  public static int attempt(Headers headers) {
    String text = headers.isEmpty() ? "" : headers.first(CallContext.ATTEMPT_HEADER).orElse("");
    if (text.isEmpty() || text.length() > 7 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return 1;
    }
    return Math.max(1, Math.min(MOST_ATTEMPTS, Integer.parseInt(text)));
  }

  /** Headers that say which attempt this is, as long as they have room for that. */
  public static Headers withAttempt(Headers headers, int attempt) {
    if (attempt <= 1) {
      return headers;
    }
    Headers others =
        headers.first(CallContext.ATTEMPT_HEADER).isEmpty()
            ? headers
            : Headers.of(
                headers.entries().stream()
                    .filter(entry -> !entry.name().equals(CallContext.ATTEMPT_HEADER))
                    .toList());
    try {
      return others.with(CallContext.ATTEMPT_HEADER, Integer.toString(attempt));
    } catch (IllegalArgumentException e) {
      return others;
    }
  }
}
