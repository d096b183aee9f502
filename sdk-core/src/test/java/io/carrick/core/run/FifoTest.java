package io.carrick.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FifoTest {

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
