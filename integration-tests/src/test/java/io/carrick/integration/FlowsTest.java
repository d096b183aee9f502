package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.Emitter;
import io.carrick.FlowIterator;
import io.carrick.Flows;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** What {@link Flows} promises, alone and over connections. */
@Tag("side-by-side")
@Timeout(120)
final class FlowsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final List<Long> ALL = LongStream.range(0, 300).boxed().toList();

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void streamsAndChannelsNeedNoSubscriberOfTheirOwn(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream(
          "count", Long.class, (Long to) -> Flows.of(LongStream.range(0, to).boxed()));
      server.handleChannel("double", Long.class, (values, call) -> Flows.map(values, n -> 2 * n));
      Remote remote = client.connect(endpoint);

      List<Long> each = new ArrayList<>();
      Await.result(Flows.forEach(remote.stream("count", 300L, Long.class), each::add));
      assertThat(each).isEqualTo(ALL);

      CompletableFuture<List<Long>> doubled =
          Flows.collect(
              remote.channel("double", Flows.of(ALL), Long.class), 300, Collectors.toList());
      assertThat(Await.result(doubled)).isEqualTo(ALL.stream().map(n -> 2 * n).toList());

      List<Long> looped = new ArrayList<>();
      try (FlowIterator<Long> items = Flows.iterate(remote.stream("count", 300L, Long.class), 16)) {
        items.forEachRemaining(looped::add);
      }
      assertThat(looped).isEqualTo(ALL);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void whoLeavesALoopCancelsTheStreamAtTheService(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    AtomicLong made = new AtomicLong();
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream(
          "count",
          String.class,
          (from, call) -> {
            call.onCancel(() -> cancelled.complete(null));
            return Flows.generate(made::incrementAndGet);
          });

      try (FlowIterator<Long> items =
          Flows.iterate(client.connect(endpoint).stream("count", "", Long.class), 4)) {
        assertThat(items.next()).isEqualTo(1);
        assertThat(items.next()).isEqualTo(2);
      }

      Await.result(cancelled);
      // The four that were asked for first, and two more when two of them had been taken.
      assertThat(made.get()).isLessThanOrEqualTo(6);
    }
  }

  @Test
  void aFailureOfAServiceIsThrownInTheLoopAfterTheItemsBeforeIt() {
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      AtomicLong made = new AtomicLong();
      server.handleStream(
          "count",
          String.class,
          (String from) ->
              Flows.generate(
                  () -> {
                    if (made.get() == 2) {
                      throw new CallException(StatusCode.NOT_FOUND, "no third");
                    }
                    return made.incrementAndGet();
                  }));

      try (FlowIterator<Long> items =
          Flows.iterate(client.connect(endpoint).stream("count", "", Long.class), 16)) {
        assertThat(items.next()).isEqualTo(1);
        assertThat(items.next()).isEqualTo(2);
        assertThatThrownBy(items::hasNext)
            .isInstanceOf(CallException.class)
            .hasMessageContaining("no third");
      }
    }
  }

  @Test
  void aCollectionBeginsAnewForEachSubscriberAndWhatIsUsedUpDoesNot() {
    Flow.Publisher<Long> collection = Flows.of(ALL);
    assertThat(all(collection)).isEqualTo(ALL);
    assertThat(all(collection)).isEqualTo(ALL);

    for (Flow.Publisher<Long> once :
        List.<Flow.Publisher<Long>>of(Flows.of(ALL.stream()), Flows.of(ALL.iterator()))) {
      assertThat(all(once)).isEqualTo(ALL);
      assertThat(Await.failure(Flows.forEach(once, n -> {}), PATIENCE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("one subscriber");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 300})
  void aStreamIsClosedWhenItHasGoneAndWhenItsReaderGoes(int taken) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Flow.Publisher<Long> items = Flows.of(ALL.stream().onClose(() -> closed.complete(null)));

    try (FlowIterator<Long> loop = Flows.iterate(items, 2)) {
      for (int n = 0; n < taken; n++) {
        assertThat(loop.next()).isEqualTo(n);
      }
      assertThat(closed.isDone()).isEqualTo(taken == 300);
    }

    assertThat(closed).isCompleted();
  }

  @Test
  void noItemIsMadeThatNobodyAskedFor() {
    AtomicLong made = new AtomicLong();
    Items<Long> items = Items.asking(3);

    Flows.generate(made::incrementAndGet).subscribe(items);

    assertThat(items.list()).containsExactly(1L, 2L, 3L);
    assertThat(made.get()).isEqualTo(3);
  }

  @Test
  void aFunctionThatThrowsOrReturnsNullCancelsAndFails() {
    for (boolean thrown : new boolean[] {true, false}) {
      Emitter<Long> emitter = Emitter.create();
      emitter.offer(1L);
      Flow.Publisher<Long> mapped =
          Flows.map(
              emitter,
              n -> {
                if (thrown) {
                  throw new IllegalStateException("no");
                }
                return null;
              });

      assertThat(Await.failure(Flows.forEach(mapped, n -> {}), PATIENCE))
          .isInstanceOf(thrown ? IllegalStateException.class : NullPointerException.class);
      assertThat(emitter.isEnded()).isTrue();
    }
  }

  @Test
  void aConsumerThatThrowsAndAFutureThatIsCancelledCancelThePublisher() {
    Emitter<Long> first = Emitter.create();
    first.offer(1L);
    CompletableFuture<Void> failed =
        Flows.forEach(
            first,
            n -> {
              throw new IllegalStateException("enough");
            });
    assertThat(Await.failure(failed, PATIENCE)).hasMessage("enough");
    assertThat(first.isEnded()).isTrue();

    Emitter<Long> second = Emitter.create();
    CompletableFuture<Void> cancelled = Flows.forEach(second, n -> {});
    assertThat(second.isEnded()).isFalse();
    cancelled.cancel(false);
    assertThat(second.isEnded()).isTrue();
  }

  @Test
  void moreItemsThanMayBeCollectedFail() {
    assertThat(Await.result(Flows.collect(Flows.of(ALL), 300, Collectors.counting())))
        .isEqualTo(300);
    assertThat(Await.failure(Flows.collect(Flows.of(ALL), 299, Collectors.counting()), PATIENCE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("there are more than 299 items to collect");
    assertThatThrownBy(() -> Flows.collect(Flows.of(ALL), 0, Collectors.counting()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("atMost 0 must be at least 1 item");
  }

  @Test
  void anIteratorHasItsBoundsAndItsEnd() {
    for (int prefetch : new int[] {0, FlowIterator.MAX_PREFETCH + 1}) {
      assertThatThrownBy(() -> Flows.iterate(Flows.of(ALL), prefetch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("prefetch " + prefetch + " must be 1 to 1024 items");
    }
    FlowIterator<Long> items = Flows.iterate(Flows.of(List.of(7L)), 1);
    assertThat(items.next()).isEqualTo(7);
    assertThat(items.hasNext()).isFalse();
    assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);

    FlowIterator<Long> checked =
        Flows.iterate(
            subscriber -> {
              subscriber.onSubscribe(new Nothing());
              subscriber.onError(new IOException("broken"));
            },
            1);
    assertThatThrownBy(checked::hasNext)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IOException.class);

    FlowIterator<Long> flooded =
        Flows.iterate(
            subscriber -> {
              subscriber.onSubscribe(new Nothing());
              subscriber.onNext(1L);
              subscriber.onNext(2L);
            },
            1);
    assertThat(flooded.next()).isEqualTo(1);
    assertThatThrownBy(flooded::hasNext)
        .hasMessage("the publisher gave more than the 1 items it was asked for");
  }

  private static final class Nothing implements Flow.Subscription {

    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  @Test
  void aThreadThatWaitsForAnItemCanBeInterruptedAndClosed() throws InterruptedException {
    Emitter<Long> emitter = Emitter.create();
    FlowIterator<Long> items = Flows.iterate(emitter, 1);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              try {
                thrown.complete(new AssertionError("more: " + items.hasNext()));
              } catch (CallCancelledException e) {
                if (Thread.currentThread().isInterrupted()) {
                  interrupted.countDown();
                }
                thrown.complete(e);
              }
            });
    waiting.start();
    waiting.interrupt();
    assertThat(Await.result(thrown)).isInstanceOf(CallCancelledException.class);
    interrupted.await();
    assertThat(emitter.isEnded()).isTrue();

    FlowIterator<Long> closed = Flows.iterate(Emitter.<Long>create(), 1);
    CompletableFuture<Boolean> more = CompletableFuture.supplyAsync(closed::hasNext);
    closed.close();
    assertThat(Await.result(more)).isFalse();
  }

  private static List<Long> all(Flow.Publisher<Long> items) {
    return Await.result(Flows.collect(items, 1_000, Collectors.toList()));
  }

  @TestFactory
  Stream<DynamicTest> reactiveStreams() {
    TckRun run = new TckRun();
    return Stream.of(
            run.tests("of(Iterable)", () -> new Rules(Flows::of)),
            run.tests("of(Stream)", () -> new Rules(items -> Flows.of(items.stream()))),
            run.tests("of(Iterator)", () -> new Rules(items -> Flows.of(items.iterator()))),
            run.tests("generate", () -> new Rules(FlowsTest::generated)),
            run.tests("map", () -> new Rules(items -> Flows.map(Flows.of(items), n -> n + 1))),
            Stream.of(DynamicTest.dynamicTest("summary", () -> run.print("no transport"))))
        .flatMap(tests -> tests);
  }

  private static Flow.Publisher<Long> generated(List<Long> items) {
    Iterator<Long> left = items.iterator();
    return Flows.generate(() -> left.hasNext() ? left.next() : null);
  }

  private interface Maker {
    Flow.Publisher<Long> of(List<Long> items);
  }

  /** The rules of a publisher; its methods are run one by one. */
  public static final class Rules extends FlowPublisherVerification<Long> {

    private final Maker maker;

    Rules(Maker maker) {
      super(new TestEnvironment(1_500, 30, 10), 500);
      this.maker = maker;
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
      return maker.of(LongStream.range(0, Math.min(elements, 10_000)).boxed().toList());
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
      return Flows.map(
          Flows.<Long>of(
              () -> {
                throw new IllegalStateException("no items");
              }),
          n -> n);
    }
  }
}
