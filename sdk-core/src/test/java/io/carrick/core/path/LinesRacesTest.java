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
 * Lincheck takes more than its time for the streams in which {@link Paths} looks for a path.
 */
class LinesRacesTest {

  private static final int ROUNDS = 50;

  /** The sessions of one remote, and what was made of them beside the first. */
  private static final class Made {

    final Queue<LinesTest.Stub> others = new ConcurrentLinkedQueue<>();
    final Lines lines =
        new Lines(
            Requirements.NONE,
            LinesTest.paths(),
            (needs, events) -> {
              LinesTest.Stub stub = new LinesTest.Stub();
              if (!needs.equals(Requirements.NONE)) {
                others.add(stub);
              }
              return stub;
            },
            LinesTest::events,
            (nanos, action) -> {},
            () -> 0);

    Line meeting(int needs) {
      return lines.meeting(LinesTest.needs(needs));
    }
  }

  @Test
  void theSameNeedsAreMetByOneSession() {
    again(
        () -> {
          Made made = new Made();
          Line[] got = new Line[2];

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

          together(() -> made.meeting(0), () -> made.lines.close("the remote is closed"));

          check(made.others.stream().allMatch(Line::isClosed), "a session stays");
        });
  }

  @Test
  void thereAreNeverMoreThanMayBe() {
    again(
        () -> {
          Made made = new Made();
          for (int n = 1; n < Lines.MAX_OTHERS; n++) {
            made.meeting(n);
          }
          AtomicInteger refused = new AtomicInteger();
          Runnable[] both = new Runnable[2];
          for (int i = 0; i < 2; i++) {
            int needs = i == 0 ? 0 : Lines.MAX_OTHERS;
            both[i] =
                () -> {
                  if (made.meeting(needs) instanceof RefusingLine) {
                    refused.incrementAndGet();
                  }
                };
          }

          together(both);

          check(refused.get() == 1, refused + " of 2 were refused");
          check(made.others.size() == Lines.MAX_OTHERS, made.others.size() + " were made");
        });
  }

  private static void again(Runnable race) {
    for (int i = 0; i < ROUNDS; i++) {
      race.run();
    }
  }
}
