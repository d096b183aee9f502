package io.carrick.transport.support.edge;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.time.Duration;
import java.util.function.Consumer;

/** Ends a call whose first message does not come: it may take {@link #LONGEST} at most. */
public final class Patience {

  /** What a first message may take: 30 s. */
  public static final Duration LONGEST = Duration.ofSeconds(30);

  private final Runnable timer;

  /**
   * Begins to wait.
   *
   * @param call is told why it ends
   */
  public Patience(EdgeTimer on, Consumer<? super MessagingException> call) {
    timer = on.later(LONGEST, () -> call.accept(late()));
  }

  /** It came, or the call is over. */
  public void end() {
    timer.run();
  }

  private static MessagingException late() {
    return EdgeFailure.refusal(
        StatusCode.DEADLINE_EXCEEDED,
        "the message of the call was not here within " + LONGEST.toSeconds() + " s: send it");
  }
}
