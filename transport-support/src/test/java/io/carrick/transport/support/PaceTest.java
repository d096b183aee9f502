package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class PaceTest {

  /** 10 s, and 1,000 bytes in them. */
  private static final PeerLimits LIMITS =
      PeerLimits.DEFAULT.withLeastRate(100, Duration.ofSeconds(10));

  private final Measured peer = new Measured();
  private final Pace pace = new Pace(LIMITS, peer, "a frame");

  private static final class Measured implements Pace.Peer {

    final Queue<Runnable> windows = new ArrayDeque<>();
    final List<String> slow = new ArrayList<>();
    boolean holding;
    int pauses;

    @Override
    public Runnable later(Duration delay, Runnable task) {
      windows.add(task);
      return () -> windows.remove(task);
    }

    @Override
    public boolean isHolding() {
      return holding;
    }

    @Override
    public int pauses() {
      return pauses;
    }

    @Override
    public void tooSlow(String what, long bytes, long least) {
      slow.add(bytes + " of " + least + " of " + what);
    }

    void windowEnds() {
      windows.remove().run();
    }
  }

  @Test
  void whoDripsIsTold() {
    pace.open();
    pace.count(999);
    peer.windowEnds();

    assertThat(peer.slow).containsExactly("999 of 1000 of a frame");
    assertThat(peer.windows).isEmpty();
  }

  @Test
  void whoIsFastEnoughGoesOnWithOneTimer() {
    for (int i = 0; i < 100; i++) {
      pace.open();
      pace.count(10);
      assertThat(peer.windows).hasSize(1);
    }
    peer.windowEnds();

    assertThat(peer.slow).isEmpty();
    assertThat(peer.windows).hasSize(1);
  }

  @Test
  void whoHasNothingOpenIsNotMeasured() {
    pace.count(1);
    pace.complete();
    assertThat(peer.windows).isEmpty();

    pace.open();
    pace.complete();
    peer.windowEnds();

    assertThat(peer.slow).isEmpty();
    assertThat(peer.windows).isEmpty();
  }

  @Test
  void whatBeginsWithinAWindowHasOneOfItsOwn() {
    pace.open();
    pace.complete();
    pace.open();
    peer.windowEnds();
    assertThat(peer.slow).isEmpty();

    peer.windowEnds();
    assertThat(peer.slow).hasSize(1);
  }

  @Test
  void whatThisSideDidNotReadIsNotThePeersFault() {
    peer.holding = true;
    pace.open();
    peer.windowEnds();
    peer.holding = false;
    peer.pauses++;
    peer.windowEnds();
    assertThat(peer.slow).isEmpty();

    peer.windowEnds();
    assertThat(peer.slow).hasSize(1);
  }

  @Test
  void aWindowThatEndsFarTooLateTellsNothing() {
    Pace hasty = new Pace(LIMITS.withLeastRate(100_000, Duration.ofMillis(100)), peer, "a frame");
    hasty.open();
    long start = System.nanoTime();
    Await.until("two windows", () -> System.nanoTime() - start > 250_000_000);
    peer.windowEnds();

    assertThat(peer.slow).isEmpty();
    assertThat(peer.windows).hasSize(1);
  }

  @Test
  void theEndCancelsTheTimer() {
    pace.open();
    pace.end();
    assertThat(peer.windows).isEmpty();

    pace.open();
    assertThat(peer.windows).isEmpty();
  }

  @Test
  void withoutALeastRateNothingIsMeasured() {
    Pace free = new Pace(LIMITS.withLeastRate(0, Duration.ofSeconds(10)), peer, "a frame");
    free.open();

    assertThat(peer.windows).isEmpty();
  }
}
