package io.carrick.benchmarks;

import java.util.concurrent.Flow;

/** The same item so many times, as fast as it is asked for, on the thread that asks. */
record SameItems(int items, byte[] item) implements Flow.Publisher<byte[]> {

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> subscriber) {
    subscriber.onSubscribe(new Items(subscriber));
  }

  /** One run through the items. What asks for them does so on one thread at a time. */
  private final class Items implements Flow.Subscription {

    private final Flow.Subscriber<? super byte[]> subscriber;
    private long demand;
    private int sent;
    private boolean sending;

    Items(Flow.Subscriber<? super byte[]> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
      if (sending) {
        return;
      }
      sending = true;
      while (demand > 0 && sent < items) {
        demand--;
        sent++;
        subscriber.onNext(item);
        if (sent == items) {
          subscriber.onComplete();
        }
      }
      sending = false;
    }

    @Override
    public void cancel() {
      sent = items;
    }
  }
}
