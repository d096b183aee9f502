package io.carrick.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.DeliveryGuarantee;
import io.carrick.Explanation;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The sessions beside the first, by a clock that the test moves. */
class SessionPoolTest {

  private static final SecurityLevel[] LEVELS = SecurityLevel.values();

  private long now = -3;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final List<Stub> made = new ArrayList<>();
  private final SessionPool pool =
      new SessionPool(
          Requirements.NONE,
          paths(),
          (needs, events) -> {
            Stub stub = new Stub();
            if (!needs.equals(Requirements.NONE)) {
              made.add(stub);
            }
            return stub;
          },
          SessionPoolTest::events,
          (nanos, action) -> waiting.add(action),
          () -> now);

  static EndpointTable paths() {
    Map<Endpoint, Capabilities> endpoints = new LinkedHashMap<>();
    endpoints.put(Endpoint.parse("mqtt://a:1"), path(SecurityLevel.NONE, true));
    endpoints.put(Endpoint.parse("unix:/run/a"), path(SecurityLevel.MUTUAL, false));
    return new EndpointTable(endpoints);
  }

  static PathEvents events() {
    return new PathEvents(ApplicationExecutor.of(Runnable::run, Runnable::run));
  }

  private static Capabilities path(SecurityLevel security, boolean brokered) {
    return Capabilities.of(security).withBrokered(brokered).withCost(10);
  }

  static Requirements needs(int n) {
    Requirements security = Requirements.security(LEVELS[1 + n % 3]);
    return n < 3 ? security : security.withDelivery(DeliveryGuarantee.EXACTLY_ONCE);
  }

  /** Runs what waits as often as it comes up in this time. */
  private void pass(long nanos) {
    for (int quarter = 0; quarter < nanos / (SessionPool.IDLE_NANOS / 4); quarter++) {
      now += SessionPool.IDLE_NANOS / 4;
      List<Runnable> due = new ArrayList<>(waiting);
      waiting.clear();
      due.forEach(Runnable::run);
    }
  }

  @Test
  void aSessionBesideTheFirstEndsAfterAMinuteWithoutACall() {
    pool.meeting(needs(0));
    made.get(0).used = true;
    pass(10 * SessionPool.IDLE_NANOS);
    assertThat(made.get(0).rests).isZero();

    made.get(0).used = false;
    pass(SessionPool.IDLE_NANOS / 4 * 3);
    assertThat(made.get(0).rests).isZero();
    pass(SessionPool.IDLE_NANOS / 4);
    assertThat(made.get(0).rests).isOne();
  }

  @Test
  void theSameNeedsAreMetByTheSameLine() {
    assertThat(pool.meeting(needs(0))).isSameAs(pool.meeting(needs(0)));
    assertThat(pool.meeting(Requirements.NONE)).isSameAs(pool.primary());
  }

  @Test
  void thereAreFourAtMostAndOneThatRestsMakesRoom() {
    for (int n = 0; n < SessionPool.MAX_OTHERS; n++) {
      pool.meeting(needs(n));
    }
    assertThat(pool.meeting(needs(4)))
        .as("all were just asked for")
        .isInstanceOf(RefusingSource.class);
    made.forEach(line -> line.used = true);
    now += SessionPool.REST_NANOS;
    assertThat(pool.meeting(needs(4)).toString()).as("all are used").contains("at most 4");

    made.get(2).used = false;
    assertThat(pool.meeting(needs(4))).isSameAs(made.get(4));
    assertThat(made).filteredOn(Stub::isClosed).containsExactly(made.get(2));
  }

  @Test
  void aClosedLineIsNotLookedAtAnyMore() {
    pool.meeting(needs(0));
    pool.close("over").join();
    pass(SessionPool.IDLE_NANOS);
    assertThat(waiting).isEmpty();
  }

  @Test
  void afterTheEndThereAreClosedLinesOnly() {
    pool.meeting(needs(0));
    pool.close("over").join();

    assertThat(pool.meeting(needs(0)).isClosed()).isTrue();
    assertThat(pool.meeting(needs(1)).isClosed()).isTrue();
    assertThat(made).allMatch(Stub::isClosed);
  }

  @Test
  void repeatedCallsHaveABudget() {
    RetryBudget budget = new RetryBudget(now);
    for (int i = 0; i < RetryBudget.BURST; i++) {
      assertThat(budget.take(now)).isTrue();
    }
    assertThat(budget.take(now)).isFalse();
    now += 1_000_000_000L;
    for (int i = 0; i < RetryBudget.PER_SECOND; i++) {
      assertThat(budget.take(now)).isTrue();
    }
    assertThat(budget.take(now)).isFalse();
  }

  static final class Stub implements SessionSource {
    private boolean used;
    private volatile boolean closed;
    private int rests;

    @Override
    public boolean isUsed() {
      return used;
    }

    @Override
    public void rest() {
      rests++;
    }

    @Override
    public Session current() {
      return null;
    }

    @Override
    public void await(Waiter waiter) {}

    @Override
    public void forget(Waiter waiter) {}

    @Override
    public boolean isClosed() {
      return closed;
    }

    @Override
    public void raiseFloor(SecurityLevel level) {}

    @Override
    public CompletableFuture<Void> close(String reason) {
      closed = true;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<String> service() {
      return Optional.empty();
    }

    @Override
    public List<String> endpoints() {
      return List.of();
    }

    @Override
    public CompletableFuture<Void> move(Endpoint to, Duration atMost) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public PathEvents pathEvents() {
      throw new UnsupportedOperationException("a stub has no events");
    }

    @Override
    public Explanation explain(Requirements needs) {
      throw new UnsupportedOperationException("a stub explains nothing");
    }
  }
}
