package io.carrick.transport.support.edge;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ends a call when the token of its caller does. Callbacks of one call come one at a time. */
public final class CallTerm {

  private static final Duration LONGEST = Duration.ofDays(3_650);

  private @Nullable Runnable timer;

  /** A call without an end. */
  public CallTerm() {}

  /**
   * The call goes on for as long as its caller may.
   *
   * @param expires when its token does; null for never
   * @param call is told why it ends
   */
  public void begin(
      EdgeTimer on, @Nullable Instant expires, Consumer<? super MessagingException> call) {
    if (expires != null) {
      Duration left = Duration.between(Instant.now(), expires);
      Duration delay = left.compareTo(LONGEST) > 0 ? LONGEST : left;
      timer = on.later(delay.isNegative() ? Duration.ZERO : delay, () -> call.accept(over()));
    }
  }

  /** It is over. */
  public void end() {
    if (timer != null) {
      timer.run();
    }
  }

  /** What a call is told whose token has expired. */
  public static MessagingException over() {
    return new CallException(
        StatusCode.UNAUTHENTICATED,
        Delivered.MAYBE,
        "the token of this call has expired: call again with a new one",
        Map.of(),
        null);
  }
}
