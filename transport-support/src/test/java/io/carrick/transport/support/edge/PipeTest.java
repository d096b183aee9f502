package io.carrick.transport.support.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What comes in over a call, for one subscriber. */
final class PipeTest {

  private final List<String> told = new ArrayList<>();
  private Flow.@Nullable Subscription subscription;

  private final Pipe<String> pipe =
      new Pipe<>(
          new Pipe.Source() {
            @Override
            public void request(long n) {
              told.add("request " + n);
            }

            @Override
            public void cancel() {
              told.add("cancel");
            }
          });

  private final class Subscriber implements Flow.Subscriber<String> {

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription = made;
    }

    @Override
    public void onNext(String item) {
      told.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      told.add("error " + failure.getMessage());
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }
  }

  @Test
  void itemsComeAsTheyWereAskedFor() {
    pipe.subscribe(new Subscriber());
    assertThat(pipe.item("too early")).isFalse();
    subscription.request(2);

    assertThat(pipe.item("a")).isTrue();
    assertThat(pipe.item("b")).isTrue();
    assertThat(pipe.item("c")).isFalse();

    pipe.end(null);
    pipe.end(new IllegalStateException("late"));
    assertThat(told).containsExactly("request 2", "a", "b", "complete");
  }

  @Test
  void anEndBeforeTheSubscriptionIsKept() {
    pipe.end(new IllegalStateException("early"));
    assertThat(pipe.isWanted()).isFalse();
    pipe.subscribe(new Subscriber());
    assertThat(told).containsExactly("error early");
  }

  @Test
  void whoCancelsHearsNothingMore() {
    pipe.subscribe(new Subscriber());
    subscription.request(1);
    subscription.cancel();
    pipe.item("a");
    pipe.end(null);
    assertThat(told).containsExactly("request 1", "cancel");
  }

  @Test
  void thereIsOneSubscriber() {
    pipe.subscribe(new Subscriber());
    pipe.subscribe(new Subscriber());
    assertThat(told).containsExactly("error this flow has one subscriber");
  }

  @Test
  void aDemandThatIsNoneEndsIt() {
    pipe.subscribe(new Subscriber());
    subscription.request(0);
    assertThat(told).hasSize(2).last().isEqualTo("cancel");
    assertThat(told.get(0)).contains("rule 3.9");
  }
}
