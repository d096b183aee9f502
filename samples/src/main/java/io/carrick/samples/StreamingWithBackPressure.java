package io.carrick.samples;

import io.carrick.Messenger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A service makes only as many items as its reader asks for, and stops when the reader goes. */
public final class StreamingWithBackPressure {

  private StreamingWithBackPressure() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("station.sock");
    CompletableFuture<Long> made = new CompletableFuture<>();

    try (Messenger station = Messenger.builder("station").listen(endpoint).build();
        Messenger display = Messenger.builder("display").build()) {
      station.handleStream("readings", String.class, sensor -> readings(sensor, made));

      display.connect(endpoint).stream("readings", "attic", Reading.class)
          .subscribe(new TwoAtATime());
      System.out.println("made by the service: " + made.get(10, TimeUnit.SECONDS));
    }
    Files.delete(directory);
  }

  /** Readings without end; {@code made} tells how many there were when the reader went. */
  private static Flow.Publisher<Reading> readings(String sensor, CompletableFuture<Long> made) {
    AtomicLong demand = new AtomicLong();
    AtomicLong number = new AtomicLong();
    return reader ->
        reader.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                // One at a time: a request that comes while items go out only adds to the demand.
                if (demand.getAndAdd(n) == 0) {
                  do {
                    reader.onNext(new Reading(sensor, number.incrementAndGet()));
                  } while (demand.decrementAndGet() > 0 && !made.isDone());
                }
              }

              @Override
              public void cancel() {
                made.complete(number.get());
              }
            });
  }

  record Reading(String sensor, long number) {}

  /** Asks for two readings, then for two more, and goes. */
  private static final class TwoAtATime implements Flow.Subscriber<Reading> {

    @SuppressWarnings("NullAway.Init") // onSubscribe comes first.
    private Flow.Subscription subscription;

    private int taken;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      subscription.request(2);
    }

    @Override
    public void onNext(Reading reading) {
      System.out.println(reading);
      taken++;
      if (taken == 2) {
        System.out.println("two more, please");
        subscription.request(2);
      } else if (taken == 4) {
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable failure) {
      failure.printStackTrace();
    }

    @Override
    public void onComplete() {
      System.out.println("the end");
    }
  }
}
