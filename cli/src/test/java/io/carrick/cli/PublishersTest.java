package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PublishersTest {

  private final Recorder recorder = new Recorder();

  @Test
  void itemsComeAsFastAsTheyAreAskedFor() {
    upTo(5).subscribe(recorder);
    assertThat(recorder.seen).isEmpty();

    recorder.subscription.request(2);
    assertThat(recorder.seen).containsExactly(1, 2);

    recorder.subscription.request(3);
    assertThat(recorder.seen).containsExactly(1, 2, 3, 4, 5, "complete");
  }

  @Test
  void anEmptyPublisherEndsWithoutDemand() {
    upTo(0).subscribe(recorder);

    assertThat(recorder.seen).containsExactly("complete");
  }

  @Test
  void demandFromWithinAnItemDoesNotRecurse() {
    recorder.more = 1;
    upTo(100_000).subscribe(recorder);

    recorder.subscription.request(1);

    assertThat(recorder.seen).hasSize(100_001).endsWith(100_000, "complete");
  }

  @Test
  void nothingComesAfterCancel() {
    upTo(5).subscribe(recorder);
    recorder.subscription.request(1);

    recorder.subscription.cancel();
    recorder.subscription.request(1);

    assertThat(recorder.seen).containsExactly(1);
  }

  @Test
  void demandThatIsNotPositiveIsAnError() {
    upTo(5).subscribe(recorder);

    recorder.subscription.request(0);
    recorder.subscription.request(1);

    assertThat(recorder.seen).hasSize(1);
    assertThat(recorder.seen.get(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatTheIteratorThrowsEndsTheStream() {
    Iterable<Integer> broken = () -> IntStream.of(1, 0).map(i -> 1 / i).boxed().iterator();
    new IteratorPublisher<>(broken, Runnable::run).subscribe(recorder);

    recorder.subscription.request(9);

    assertThat(recorder.seen).hasSize(2);
    assertThat(recorder.seen.get(1)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void anIteratorThatBlocksDoesNotBlockWhoAsks() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    var gate = new CountDownLatch(1);
    Iterable<Integer> slow = () -> waitingFor(gate);
    new IteratorPublisher<>(slow, executor).subscribe(recorder);

    recorder.subscription.request(1);
    assertThat(recorder.seen).isEmpty();
    gate.countDown();
    executor.shutdown();

    assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(recorder.seen).containsExactly(7, "complete");
  }

  @Test
  void aMappedPublisherPassesDemandAndEnds() {
    new MappedPublisher<Integer, Integer>(upTo(3), () -> i -> i * 10).subscribe(recorder);

    recorder.subscription.request(1);
    assertThat(recorder.seen).containsExactly(10);

    recorder.subscription.request(9);
    assertThat(recorder.seen).containsExactly(10, 20, 30, "complete");
  }

  @Test
  void whatAMappingThrowsEndsBoth() {
    new MappedPublisher<Integer, Integer>(upTo(3), () -> i -> 1 / (i - 2)).subscribe(recorder);

    recorder.subscription.request(9);

    assertThat(recorder.seen).hasSize(2);
    assertThat(recorder.seen.get(1)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void aPrinterStopsAtItsCountAndCancels() {
    List<String> printed = new ArrayList<>();
    ItemPrinter printer = new ItemPrinter(item -> printed.add(item.text()), 300);

    texts(1_000).subscribe(printer);

    assertThat(printer.done()).isCompleted();
    assertThat(printed).hasSize(300).endsWith("300");
  }

  @Test
  void aPrinterPrintsAllOfAnEndingStream() {
    List<String> printed = new ArrayList<>();
    ItemPrinter printer = new ItemPrinter(item -> printed.add(item.text()), Long.MAX_VALUE);

    texts(1_000).subscribe(printer);

    assertThat(printer.done()).isCompleted();
    assertThat(printed).hasSize(1_000);
  }

  @Test
  void aPrinterStopsWhenNobodyReads() {
    ItemPrinter printer = new ItemPrinter(item -> !item.text().equals("3"), Long.MAX_VALUE);

    texts(1_000).subscribe(printer);

    assertThat(printer.done()).isCompleted();
  }

  private static Flow.Publisher<Integer> upTo(int last) {
    return new IteratorPublisher<>(() -> IntStream.rangeClosed(1, last).iterator(), Runnable::run);
  }

  private static Flow.Publisher<Message> texts(int last) {
    return new MappedPublisher<Integer, Message>(
        upTo(last), () -> i -> Message.ofText(Integer.toString(i)));
  }

  private static Iterator<Integer> waitingFor(CountDownLatch gate) {
    return IntStream.of(7)
        .peek(
            i -> {
              try {
                gate.await(10, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })
        .iterator();
  }

  private static final class Recorder implements Flow.Subscriber<Integer> {

    final List<Object> seen = new ArrayList<>();
    Flow.Subscription subscription;
    int more;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
    }

    @Override
    public void onNext(Integer item) {
      seen.add(item);
      if (more > 0) {
        subscription.request(more);
      }
    }

    @Override
    public void onError(Throwable failure) {
      seen.add(failure);
    }

    @Override
    public void onComplete() {
      seen.add("complete");
    }
  }
}
