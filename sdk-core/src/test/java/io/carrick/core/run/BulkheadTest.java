package io.carrick.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BulkheadTest {

  private final AtomicInteger ran = new AtomicInteger();
  private final AtomicInteger rejected = new AtomicInteger();

  private final class Counted implements Bulkhead.Task {

    private final Bulkhead gate;

    Counted(Bulkhead gate) {
      this.gate = gate;
    }

    @Override
    public boolean run() {
      ran.incrementAndGet();
      gate.release();
      return true;
    }

    @Override
    public void reject() {
      rejected.incrementAndGet();
      gate.release();
    }
  }

  @Test
  void whereAThreadCannotBeAskedForTheTaskIsRejectedAndTheNextOneRuns() {
    AtomicBoolean broken = new AtomicBoolean(true);
    Bulkhead gate =
        new Bulkhead(
            work -> {
              if (broken.get()) {
                throw new OutOfMemoryError("of the test");
              }
              work.run();
              return true;
            },
            1,
            1);

    assertThat(gate.tryAdmit()).isTrue();
    gate.schedule(new Counted(gate));

    assertThat(rejected).hasValue(1);
    assertThat(gate.isIdle()).isTrue();

    broken.set(false);
    assertThat(gate.tryAdmit()).isTrue();
    gate.schedule(new Counted(gate));

    assertThat(ran).hasValue(1);
    assertThat(gate.isIdle()).isTrue();
  }

  @Test
  void aRejectionThatThrowsKeepsNoOtherFromItsOwn() {
    Bulkhead gate = new Bulkhead(work -> false, 1, 1);
    Bulkhead.Task thrower =
        new Bulkhead.Task() {
          @Override
          public boolean run() {
            throw new AssertionError("there is no thread");
          }

          @Override
          public void reject() {
            gate.release();
            throw new OutOfMemoryError("of the test");
          }
        };

    assertThat(gate.tryAdmit()).isTrue();
    gate.schedule(thrower);
    assertThat(gate.tryAdmit()).isTrue();
    gate.schedule(new Counted(gate));

    assertThat(rejected).hasValue(1);
    assertThat(gate.isIdle()).isTrue();
  }
}
