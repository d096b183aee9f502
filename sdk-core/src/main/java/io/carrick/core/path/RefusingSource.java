package io.carrick.core.path;

import io.carrick.Delivered;
import io.carrick.Explanation;
import io.carrick.OverloadedException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.session.Session;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where a remote has as many sessions as it may: each call fails, and nothing else is new. */
record RefusingSource(SessionSource first, String reason) implements SessionSource {

  private OverloadedException failure() {
    return new OverloadedException(Delivered.NO, reason);
  }

  @Override
  public @Nullable Session current() {
    return null;
  }

  @Override
  public void await(Waiter waiter) {
    waiter.failed(failure());
  }

  @Override
  public void forget(Waiter waiter) {}

  @Override
  public boolean isClosed() {
    return true;
  }

  @Override
  public CompletableFuture<Void> close(String why) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Optional<String> service() {
    return first.service();
  }

  @Override
  public List<String> endpoints() {
    return first.endpoints();
  }

  @Override
  public CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost) {
    return CompletableFuture.failedFuture(failure());
  }

  @Override
  public void raiseFloor(SecurityLevel level) {}

  @Override
  public PathEvents pathEvents() {
    return first.pathEvents();
  }

  @Override
  public Explanation explain(Requirements needs) {
    return first.explain(needs);
  }
}
