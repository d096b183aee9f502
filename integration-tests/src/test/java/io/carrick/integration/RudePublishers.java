package io.carrick.integration;

import java.util.concurrent.Flow;

/** Publishers that break the rules of Reactive Streams. */
final class RudePublishers {

  private RudePublishers() {}

  /** Ends, and then goes on as if it had not. */
  static Flow.Publisher<Long> endsTwice() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              private boolean done;

              @Override
              public void request(long n) {
                if (!done) {
                  done = true;
                  subscriber.onNext(1L);
                  subscriber.onComplete();
                  subscriber.onNext(2L);
                  subscriber.onComplete();
                }
              }

              @Override
              public void cancel() {}
            });
  }

  /** Gives many items, whatever it was asked for. */
  static Flow.Publisher<Long> givesTooMany() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                for (long i = 0; i < 100_000; i++) {
                  subscriber.onNext(i);
                }
              }

              @Override
              public void cancel() {}
            });
  }
}
