package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.session.state.SessionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** When the timer looks at which session. */
final class TimerQueueTest {

  private static final long MILLI = 1_000_000L;
  private static final long ROUND = 1_000 * MILLI;

  private final SessionConfig config =
      SessionConfig.defaults("test", new byte[16], List.of(), 1 << 20);
  private long now = 5;
  private final SessionRuntime runtime =
      new SessionRuntime("test", Runnable::run, new Budget(1 << 30), () -> now, false);

  private Session session() {
    Session session = Session.stranger(config, runtime);
    runtime.add(session);
    runtime.round();
    return session;
  }

  private void want(Session session, long at) {
    if (session.section.tick().want(at)) {
      runtime.tickEarlier(session.section.tick());
    }
  }

  @Test
  void whoIsWantedFirstIsFirst() {
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sessions.add(session());
    }
    for (int i = 0; i < 100; i++) {
      want(sessions.get(i), now + (100 - i) * MILLI);
    }

    for (int i = 1; i <= 100; i++) {
      runtime.round();
      assertThat(runtime.sleepsUntil()).isEqualTo(5 + i * MILLI);
      now = runtime.sleepsUntil();
      want(sessions.get(100 - i), now + 10 * ROUND);
    }
    runtime.round();

    assertThat(runtime.sleepsUntil()).isEqualTo(now + ROUND);
  }

  @Test
  void whoWantsItLaterIsNotTickedEarlier() {
    Session session = session();
    want(session, now + MILLI);
    want(session, now + 7 * MILLI);
    assertThat(runtime.sleepsUntil()).isEqualTo(now + MILLI);

    now += MILLI;
    runtime.round();

    assertThat(runtime.sleepsUntil()).isEqualTo(now + 6 * MILLI);
  }

  @Test
  void whoHasGoneIsNotLookedAt() {
    Session session = session();
    want(session, now + MILLI);
    runtime.remove(session);

    now += MILLI;
    runtime.round();

    assertThat(runtime.sleepsUntil()).isEqualTo(now + ROUND);
    want(session, now + MILLI);
    assertThat(runtime.sleepsUntil()).isEqualTo(now + ROUND);
  }

  @Test
  void whoCannotBeTickedIsTriedAgainInAMillisecond() throws Exception {
    Session session = session();
    want(session, now + MILLI);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              session.section.lock.lock();
              inside.countDown();
              try {
                done.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                session.section.lock.unlock();
              }
            });
    other.start();
    inside.await();

    now += MILLI;
    runtime.round();
    assertThat(runtime.sleepsUntil()).isEqualTo(now + MILLI);
    done.countDown();
    other.join();

    now += MILLI;
    runtime.round();
    assertThat(runtime.sleepsUntil()).isEqualTo(now + ROUND);
  }
}
