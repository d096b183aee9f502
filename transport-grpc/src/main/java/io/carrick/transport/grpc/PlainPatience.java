package io.carrick.transport.grpc;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.grpc.Attributes;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends a call whose first message does not come: it may take {@link #LONGEST} at most. */
final class PlainPatience {

  static final Duration LONGEST = Duration.ofSeconds(30);

  private final @Nullable Future<?> timer;

  /** Begins to wait. */
  PlainPatience(Attributes attributes, PlainIntake.Refusable call) {
    Channel channel = attributes.get(CallSocket.KEY);
    timer =
        channel == null
            ? null
            : channel
                .eventLoop()
                .schedule(() -> call.refuse(late()), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** It came, or the call is over. */
  void end() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private static MessagingException late() {
    return PlainStatus.refusal(
        StatusCode.DEADLINE_EXCEEDED,
        "the message of the call was not here within " + LONGEST.toSeconds() + " s: send it");
  }
}
