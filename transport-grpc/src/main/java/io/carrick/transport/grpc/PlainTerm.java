package io.carrick.transport.grpc;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.grpc.Attributes;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends a call when the token of its caller does. Callbacks of one call come one at a time. */
final class PlainTerm {

  private static final Duration LONGEST = Duration.ofDays(3_650);

  private @Nullable Future<?> timer;

  /** The call goes on for as long as its caller may. */
  void begin(Attributes attributes, PlainCaller caller, PlainIntake.Refusable call) {
    Instant expires = caller.expires();
    Channel channel = attributes.get(CallSocket.KEY);
    if (expires == null || channel == null) {
      return;
    }
    Duration left = Duration.between(Instant.now(), expires);
    long nanos = (left.compareTo(LONGEST) > 0 ? LONGEST : left).toNanos();
    timer =
        channel
            .eventLoop()
            .schedule(() -> call.refuse(over()), Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /** It is over. */
  void end() {
    Future<?> waiting = timer;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  static MessagingException over() {
    return new CallException(
        StatusCode.UNAUTHENTICATED,
        Delivered.MAYBE,
        "the token of this call has expired: call again with a new one",
        Map.of(),
        null);
  }
}
