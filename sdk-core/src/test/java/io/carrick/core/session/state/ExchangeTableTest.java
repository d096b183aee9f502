package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Priority;
import io.carrick.core.frame.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExchangeTableTest {

  @Test
  void findsWhatIsThereAndNothingElse() {
    Random random = new Random(7);
    ExchangeTable table = new ExchangeTable();
    Map<Long, Exchange> expected = new HashMap<>();
    long next = 1;
    for (int step = 0; step < 100_000; step++) {
      if (random.nextInt(100) < 52) {
        Exchange x = new Exchange(true, Kind.REQUEST, Priority.NORMAL, null);
        x.id = next;
        next += 1 + random.nextInt(3);
        table.put(x);
        expected.put(x.id, x);
      } else {
        long id = 1 + (long) (random.nextDouble() * next);
        table.remove(id);
        expected.remove(id);
      }
      long probe = 1 + (long) (random.nextDouble() * next);
      assertThat(table.get(probe)).isSameAs(expected.get(probe));
    }
  }
}
