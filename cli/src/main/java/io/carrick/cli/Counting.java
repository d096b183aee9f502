package io.carrick.cli;

import io.carrick.CallCancelledException;
import io.carrick.Delivered;
import io.carrick.Message;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes on what a publisher gives, counts it, and tells once how it ended: null for well. */
record Counting(
    Flow.Publisher<Message> source, LongAdder count, Consumer<@Nullable Throwable> ended)
    implements Flow.Publisher<Message> {

  @Override
  public void subscribe(Flow.Subscriber<? super Message> subscriber) {
    source.subscribe(new Passing(subscriber));
  }

  private final class Passing implements Flow.Subscriber<Message> {

    private final Flow.Subscriber<? super Message> to;
    private final AtomicBoolean over = new AtomicBoolean();

    Passing(Flow.Subscriber<? super Message> to) {
      this.to = to;
    }

    @Override
    public void onSubscribe(Flow.Subscription upstream) {
      to.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              upstream.request(n);
            }

            @Override
            public void cancel() {
              end(new CallCancelledException(Delivered.YES, "the caller cancelled"));
              upstream.cancel();
            }
          });
    }

    @Override
    public void onNext(Message item) {
      count.increment();
      to.onNext(item);
    }

    @Override
    public void onError(Throwable failure) {
      end(failure);
      to.onError(failure);
    }

    @Override
    public void onComplete() {
      end(null);
      to.onComplete();
    }

    private void end(@Nullable Throwable failure) {
      if (over.compareAndSet(false, true)) {
        ended.accept(failure);
      }
    }
  }
}
