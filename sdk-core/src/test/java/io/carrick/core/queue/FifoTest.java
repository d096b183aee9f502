package io.carrick.core.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FifoTest {

  @Test
  void whatWaitsIsThereWhereNothingMoreHadRoom() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FullHeapQueues.class.getName())
            .inheritIO()
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void isAQueue() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Fifo<Object> fifo = new Fifo<>();
    ArrayDeque<Object> model = new ArrayDeque<>();

    for (int i = 0; i < 100_000; i++) {
      // Long runs of the one or of the other, so that it grows at each place of its ring.
      if (random.nextInt(50) == 0) {
        Object any = model.isEmpty() || random.nextBoolean() ? new Object() : model.peekLast();
        assertThat(fifo.remove(any)).isEqualTo(model.remove(any));
      }
      if (random.nextInt(50) == 0) {
        Object one = new Object();
        fifo.addFirst(one);
        model.addFirst(one);
      }
      if (random.nextInt(500) == 0) {
        Set<Object> some = new HashSet<>();
        model.stream().filter(any -> random.nextInt(4) == 0).forEach(some::add);
        fifo.removeIf(some::contains);
        model.removeIf(some::contains);
        assertThat(fifo.toList()).containsExactlyElementsOf(model);
      }
      if (random.nextInt(10_000) == 0) {
        fifo.clear();
        model.clear();
      }
      if (random.nextInt(100) < (i / 500 % 2 == 0 ? 60 : 40)) {
        Object one = new Object();
        fifo.add(one);
        model.add(one);
      } else {
        assertThat(fifo.poll()).isEqualTo(model.poll());
      }
      assertThat(fifo.peek()).isEqualTo(model.peek());
      assertThat(fifo.size()).isEqualTo(model.size());
      assertThat(fifo.isEmpty()).isEqualTo(model.isEmpty());
    }
  }
}
