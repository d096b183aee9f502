package io.carrick.samples;

import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import io.carrick.Remote;

/** What is built on Carrick is tested without a socket, a file or a port. */
public final class TestingWithInMemory {

  private TestingWithInMemory() {}

  /** Runs the sample. */
  public static void main(String[] args) {
    try (InMemoryPair pair = Messenger.inMemory()) {
      serveRates(pair.server());

      long yen = yenOf(pair.remote(), new Euros(1000));
      if (yen != 1650) {
        throw new AssertionError("1000 cents should be 1650 yen, not " + yen);
      }
      System.out.println("1000 cents are " + yen + " yen");
    }
  }

  /** The service under test. */
  private static void serveRates(Messenger messenger) {
    messenger.handle("rates/yen", Euros.class, euros -> euros.cents() * 165 / 100);
  }

  /** The caller under test. */
  private static long yenOf(Remote rates, Euros euros) {
    return rates.request("rates/yen", euros, Long.class).join();
  }

  record Euros(long cents) {}
}
