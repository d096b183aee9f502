package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a subscriber that stops reading gets, by the policy that it chose. */
@OverEachTransport
final class OverflowSemanticsTest extends Semantics {

  /** More than the queue at the service and what is on its way to the subscriber. */
  private static final int MANY = 4_000;

  OverflowSemanticsTest(TestTransport transport) {
    super(transport);
  }

  /** Stops at its first message until the gate opens. */
  private final class Slow implements Subscriber.Simple<Integer> {
    private final List<Integer> messages = new ArrayList<>();
    private final List<Long> gaps = new ArrayList<>();
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final CompletableFuture<MessagingException> end = new CompletableFuture<>();

    @Override
    public void onMessage(Integer value) {
      begun.complete(null);
      gate.pass();
      synchronized (this) {
        messages.add(value);
      }
    }

    @Override
    public synchronized void onGap(long missed) {
      gaps.add(missed);
    }

    @Override
    public void onEnd(MessagingException reason) {
      end.complete(reason);
    }

    synchronized long accountedFor() {
      return messages.size() + gaps.stream().mapToLong(Long::longValue).sum();
    }

    synchronized int received() {
      return messages.size();
    }
  }

  @Test
  void failEndsTheSubscriptionWithTheCountOfWhatItMissed() {
    Slow slow = new Slow();
    List<Integer> beside = new ArrayList<>();
    await(remote.subscribe("numbers", Integer.class, slow));
    try (Messenger other = TestTls.messenger("other").build()) {
      CompletableFuture<Void> all = new CompletableFuture<>();
      await(
          other
              .connect(endpoint)
              .subscribe(
                  "numbers",
                  Integer.class,
                  n -> {
                    beside.add(n);
                    if (n == MANY - 1) {
                      all.complete(null);
                    }
                  }));

      for (int n = 0; n < MANY; n++) {
        await(server.publish("numbers", n));
        if (n % 200 == 0) {
          int sent = n;
          Await.until("the other subscriber follows", () -> beside.size() >= sent);
        }
      }
      await(all);
      gate.open();

      MessagingException end = await(slow.end);
      Failures.check(end, StatusCode.RESOURCE_EXHAUSTED, end.delivered(), "numbers", "1024");
      assertThat(slow.messages).isEqualTo(numbers(slow.messages.size()));
      long missed = Long.parseLong(end.details().get("missed"));
      assertThat(missed).isGreaterThan(0);
      assertThat(end.getMessage()).contains("missed " + missed + " messages");
      assertThat(slow.messages).hasSizeLessThan(MANY);
      assertThat(beside).isEqualTo(numbers(MANY));
    }
  }

  @Test
  void dropOldestTellsHowManyWereDropped() {
    Slow slow = new Slow();
    await(remote.subscribe("numbers", Integer.class, OverflowPolicy.DROP_OLDEST, slow));

    for (int n = 0; n < MANY; n++) {
      await(server.publish("numbers", n));
    }
    gate.open();

    Await.until(
        () -> MANY + " messages and drops; " + slow.accountedFor(),
        Await.LONG_ENOUGH,
        () -> slow.accountedFor() == MANY);
    assertThat(slow.gaps).isNotEmpty().allMatch(missed -> missed > 0);
    assertThat(slow.messages).isSorted().doesNotHaveDuplicates().contains(MANY - 1);
    assertThat(slow.end).isNotDone();
  }

  @Test
  void blockHoldsThePublishersUntilThereIsRoom() {
    Slow slow = new Slow();
    await(remote.subscribe("numbers", Integer.class, OverflowPolicy.BLOCK, slow));
    try (Messenger other = TestTls.messenger("other").build()) {
      Remote publisher = other.connect(endpoint);
      List<CompletableFuture<Void>> waiting = new ArrayList<>();
      int published = 0;
      // An answer may be on its way to its future: what counts is the first one that is refused.
      while (waiting.stream().noneMatch(CompletableFuture::isCompletedExceptionally)) {
        waiting.add(publisher.publish("numbers", published++));
        awaitAnswers(publisher);
        waiting.removeIf(one -> one.isDone() && !one.isCompletedExceptionally());
        assertThat(published).isLessThan(MANY);
      }
      gate.open();

      int refused = 0;
      for (CompletableFuture<Void> one : waiting) {
        if (one.handle((done, failure) -> failure != null).join()) {
          Failures.in(one, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "numbers", "64");
          refused++;
        }
      }
      assertThat(waiting.size() - refused).isGreaterThanOrEqualTo(64);
      int all = published - refused;
      Await.until(
          () -> all + " messages; " + slow.received(),
          Await.LONG_ENOUGH,
          () -> slow.received() == all);
      assertThat(slow.messages).isEqualTo(numbers(all));
      assertThat(slow.gaps).isEmpty();
    }
  }

  /** A call behind the publish: when it is answered, the publish was looked at, too. */
  private static void awaitAnswers(Remote publisher) {
    await(publisher.publish("nobody/listens", 0));
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
