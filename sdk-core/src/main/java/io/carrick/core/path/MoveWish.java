package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the application asked for; any other path where the endpoint is null. */
final class MoveWish {

  final @Nullable Endpoint to;
  final CompletableFuture<Void> done;
  private final ApplicationExecutor tasks;
  private final Duration atMost;

  /** Whether its time is over. */
  volatile boolean late;

  MoveWish(
      ApplicationExecutor tasks,
      @Nullable Endpoint to,
      CompletableFuture<Void> done,
      Duration atMost) {
    this.tasks = tasks;
    this.to = to;
    this.done = done;
    this.atMost = atMost;
  }

  /** The session is where it should be. */
  void fulfil() {
    tasks.execute(() -> done.complete(null));
  }

  /**
   * The session stays where it is.
   *
   * @param forbidden whether no other attempt would help
   */
  void fail(String why, boolean forbidden) {
    Supplier<Throwable> failure =
        () ->
            late
                ? new DeadlineExceededException(
                    Delivered.NO, "not moved within " + atMost + ": " + why)
                : forbidden
                    ? new EndpointException(
                        StatusCode.FAILED_PRECONDITION, "not moved: " + why, null)
                    : new ConnectException("not moved: " + why, null);
    tasks.execute(() -> done.completeExceptionally(failure.get()));
  }
}
