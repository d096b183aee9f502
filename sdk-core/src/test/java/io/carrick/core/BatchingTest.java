package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is written together must not wait for what never comes. */
@Timeout(30)
class BatchingTest {

  private final InMemoryPair pair = Messenger.inMemory();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    pair.close();
  }

  @Test
  void anItemArrivesThoughItsPublisherThenBlocks() throws Exception {
    pair.server().handleStream("slow", Integer.class, n -> onceThenBlocked());
    BlockingQueue<Integer> items = new LinkedBlockingQueue<>();

    pair.remote().stream("slow", 1, Integer.class)
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(Integer item) {
                items.add(item);
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onComplete() {}
            });

    assertThat(items.poll(10, SECONDS)).isEqualTo(7);
    end.countDown();
  }

  private Flow.Publisher<Integer> onceThenBlocked() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                subscriber.onNext(7);
                await();
                subscriber.onComplete();
              }

              @Override
              public void cancel() {}
            });
  }

  private void await() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatContinuationsSendArrivesThoughTheyThenBlock() throws Exception {
    pair.server().handle("echo", Integer.class, n -> n);
    BlockingQueue<Integer> sent = new LinkedBlockingQueue<>();
    pair.server().handleSend("note", Integer.class, sent::add);
    int calls = 64;

    for (int i = 0; i < calls; i++) {
      int number = i;
      pair.remote()
          .request("echo", number, Integer.class)
          .thenAccept(
              n -> {
                pair.remote().send("note", n);
                if (number % 2 == 1) {
                  await();
                }
              });
    }

    for (int i = 0; i < calls; i++) {
      assertThat(sent.poll(10, SECONDS)).isNotNull();
    }
  }

  @Test
  void aContinuationWaitsForACallThatItMakes() throws Exception {
    pair.server().handle("echo", Integer.class, n -> n);
    CompletableFuture<?>[] all = new CompletableFuture<?>[64];

    for (int i = 0; i < all.length; i++) {
      all[i] =
          pair.remote()
              .request("echo", i, Integer.class)
              .thenApply(n -> pair.remote().request("echo", n, Integer.class).join());
    }

    CompletableFuture.allOf(all).get(10, SECONDS);
  }
}
