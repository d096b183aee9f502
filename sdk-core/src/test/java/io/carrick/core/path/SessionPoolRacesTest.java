package io.carrick.core.path;

import static io.carrick.core.run.Schedules.check;
import static io.carrick.core.run.Schedules.together;

import io.carrick.Requirements;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Which sessions a remote has where those meet who ask for them and close it. Threads as they come:
 * Lincheck takes more than its time for the streams in which {@link EndpointTable} looks for a
 * path.
 */
class SessionPoolRacesTest {

  private static final int ROUNDS = 50;

  /** The sessions of one remote, and what was made of them beside the first. */
  private static final class Made {

    final Queue<SessionPoolTest.Stub> others = new ConcurrentLinkedQueue<>();
    final SessionPool pool =
        new SessionPool(
            Requirements.NONE,
            SessionPoolTest.paths(),
            (needs, events) -> {
              SessionPoolTest.Stub stub = new SessionPoolTest.Stub();
              if (!needs.equals(Requirements.NONE)) {
                others.add(stub);
              }
              return stub;
            },
            SessionPoolTest::events,
            (nanos, action) -> {},
            () -> 0);

    SessionSource meeting(int needs) {
      return pool.meeting(SessionPoolTest.needs(needs));
    }
  }

  @Test
  void theSameNeedsAreMetByOneSession() {
    again(
        () -> {
          Made made = new Made();
          SessionSource[] got = new SessionSource[2];

          together(() -> got[0] = made.meeting(0), () -> got[1] = made.meeting(0));

          check(got[0] == got[1], "the same needs are met by two");
          check(made.others.size() == 1, made.others.size() + " were made");
        });
  }

  @Test
  void whatIsAskedForWhileTheRemoteClosesIsClosed() {
    again(
        () -> {
          Made made = new Made();

          together(() -> made.meeting(0), () -> made.pool.close("the remote is closed"));

          check(made.others.stream().allMatch(SessionSource::isClosed), "a session stays");
        });
  }

  @Test
  void thereAreNeverMoreThanMayBe() {
    again(
        () -> {
          Made made = new Made();
          for (int n = 1; n < SessionPool.MAX_OTHERS; n++) {
            made.meeting(n);
          }
          AtomicInteger refused = new AtomicInteger();
          Runnable[] both = new Runnable[2];
          for (int i = 0; i < 2; i++) {
            int needs = i == 0 ? 0 : SessionPool.MAX_OTHERS;
            both[i] =
                () -> {
                  if (made.meeting(needs) instanceof RefusingSource) {
                    refused.incrementAndGet();
                  }
                };
          }

          together(both);

          check(refused.get() == 1, refused + " of 2 were refused");
          check(made.others.size() == SessionPool.MAX_OTHERS, made.others.size() + " were made");
        });
  }

  private static void again(Runnable race) {
    for (int i = 0; i < ROUNDS; i++) {
      race.run();
    }
  }
}
