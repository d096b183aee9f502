package io.carrick.samples;

import io.carrick.FlowIterator;
import io.carrick.Flows;
import io.carrick.Messenger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A service makes only as many items as its reader asks for, and stops when the reader goes. */
public final class StreamingWithBackPressure {

  private StreamingWithBackPressure() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("station.sock");
    AtomicLong number = new AtomicLong();
    CompletableFuture<Long> made = new CompletableFuture<>();

    try (Messenger station = Messenger.builder("station").listen(endpoint).build();
        Messenger display = Messenger.builder("display").build()) {
      // Readings without end: each is made when it is asked for.
      station.handleStream(
          "readings",
          String.class,
          (sensor, call) -> {
            call.onCancel(() -> made.complete(number.get()));
            return Flows.generate(() -> new Reading(sensor, number.incrementAndGet()));
          });

      var attic = display.connect(endpoint).stream("readings", "attic", Reading.class);
      try (FlowIterator<Reading> readings = Flows.iterate(attic, 2)) {
        for (int i = 0; i < 4; i++) {
          System.out.println(readings.next());
        }
      }
      // Two were asked for ahead, and no others were made.
      System.out.println("at most six were made: " + (made.get(10, TimeUnit.SECONDS) <= 6));
    }
    Files.delete(directory);
  }

  record Reading(String sensor, long number) {}
}
