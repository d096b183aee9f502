package io.carrick.cli;

import io.carrick.Messenger;
import java.util.List;
import java.util.Random;

/** Prices of nothing, which move by themselves. For one thread. */
final class Prices {

  /** A price, and what it was before, in hundredths. */
  record Price(String symbol, int cents, int before) {}

  private static final List<String> SYMBOLS = List.of("ABLE", "BAKER", "CHARLIE", "DOG", "EASY");
  private static final int MOST_STEP = 50;
  private static final int LEAST_CENTS = 100;

  private final Messenger node;
  private final Random random = new Random();
  private final int[] cents = random.ints(SYMBOLS.size(), 1_000, 20_000).toArray();

  Prices(Messenger node) {
    this.node = node;
  }

  /** Publishes the next price of each. */
  void move() {
    for (int i = 0; i < cents.length; i++) {
      int before = cents[i];
      cents[i] = Math.max(LEAST_CENTS, before + random.nextInt(2 * MOST_STEP + 1) - MOST_STEP);
      var unused =
          node.publish("price/" + SYMBOLS.get(i), new Price(SYMBOLS.get(i), cents[i], before));
    }
  }
}
