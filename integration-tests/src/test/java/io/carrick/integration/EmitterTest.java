package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.Emitter;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** What an emitter takes goes out, whoever comes first. */
@Tag("side-by-side")
@Timeout(120)
final class EmitterTest {

  private static final int STREAMS = 300;
  private static final long ITEMS = 20;
  private static final List<Long> ALL = LongStream.range(0, ITEMS).boxed().toList();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ExecutorService feeders = Executors.newCachedThreadPool();

  @TempDir Path directory;

  @AfterEach
  void stop() {
    feeders.shutdownNow();
  }

  private <T extends Flow.Publisher<Long>> T fed(T publisher, Runnable feeding) {
    feeders.execute(feeding);
    return publisher;
  }

  private static void feed(Emitter<Long> emitter, long count) {
    try {
      for (long n = 0; n < count && emitter.offer(n, PATIENCE); n++) {}
      emitter.complete();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Emitter<Long> fed(long count, int capacity) {
    Emitter<Long> emitter = Emitter.create(capacity);
    return fed(emitter, () -> feed(emitter, count));
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void answersAreCompleteThoughTheyAreMadeBeforeTheHandlerReturns(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream("count", Long.class, (Long count) -> fed(count, 8));
      server.handleStream(
          "at-once",
          Long.class,
          (Long count) -> {
            Emitter<Long> emitter = Emitter.create();
            for (long n = 0; n < count; n++) {
              assertThat(emitter.offer(n)).isTrue();
            }
            emitter.complete();
            return emitter;
          });
      Remote remote = client.connect(endpoint);

      List<Items<Long>> streams = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        String topic = i % 2 == 0 ? "count" : "at-once";
        streams.add(Items.of(remote.stream(topic, ITEMS, Long.class)));
      }

      assertThat(streams).allSatisfy(items -> assertThat(items.complete()).isEqualTo(ALL));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void valuesAreCompleteThoughTheyAreOfferedBeforeThereIsASession(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleChannel("echo", Long.class, (values, call) -> values);
      Remote remote = client.connect(endpoint);

      List<Items<Long>> channels = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        Emitter<Long> values = Emitter.create();
        channels.add(Items.of(remote.channel("echo", values, Long.class)));
        for (long n = 0; n < ITEMS; n++) {
          assertThat(values.offer(n)).isTrue();
        }
        values.complete();
      }

      assertThat(channels).allSatisfy(items -> assertThat(items.complete()).isEqualTo(ALL));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void valuesAreSubscribedToAtOnceWhereTheSessionIsOpen(TestTransport transport) {
    String endpoint = transport.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleChannel("echo", Long.class, (values, call) -> values);
      Remote remote = client.connect(endpoint);
      Await.result(remote.connect());

      for (int i = 0; i < STREAMS; i++) {
        try (SubmissionPublisher<Long> values = new SubmissionPublisher<>()) {
          Items<Long> echoed = Items.of(remote.channel("echo", values, Long.class));
          assertThat(values.hasSubscribers()).as("channel %d", i).isTrue();
          ALL.forEach(values::submit);
          values.close();
          assertThat(echoed.complete()).isEqualTo(ALL);
        }
      }
    }
  }

  /** Its publisher gives items on the thread that subscribes, and waits there until it is asked. */
  @Test
  void valuesComeThoughTheirPublisherWaitsForItsDemandWhereItIsSubscribedTo() {
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleChannel("echo", Long.class, (values, call) -> values);
      Remote remote = client.connect(endpoint);
      Await.result(remote.connect());
      Flow.Publisher<Long> values =
          subscriber -> {
            Emitter<Long> asked = Emitter.create(1);
            asked.subscribe(subscriber);
            feed(asked, ITEMS);
          };

      CompletableFuture<Items<Long>> echoed =
          CompletableFuture.supplyAsync(
              () -> Items.of(remote.channel("echo", values, Long.class)), feeders);

      assertThat(Await.result(echoed).complete()).isEqualTo(ALL);
    }
  }

  @Test
  void aSubscriberThatThrowsAtOnceHasGone() {
    Emitter<Long> emitter = Emitter.create(1);
    Flow.Subscriber<Long> broken =
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription s) {
            throw new IllegalStateException("broken");
          }

          @Override
          public void onNext(Long item) {}

          @Override
          public void onError(Throwable failure) {}

          @Override
          public void onComplete() {}
        };

    assertThatThrownBy(() -> emitter.subscribe(broken)).hasMessage("broken");

    assertThat(emitter.isEnded()).isTrue();
    assertThat(emitter.offer(0L)).isFalse();
  }

  @Test
  void aFailureComesAfterWhatWasTaken() {
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream(
          "fails",
          Long.class,
          (Long count) -> {
            Emitter<Long> emitter = Emitter.create();
            ALL.forEach(emitter::offer);
            emitter.fail(new CallException(StatusCode.NOT_FOUND, "no more"));
            emitter.complete();
            return emitter;
          });

      Items<Long> items = Items.of(client.connect(endpoint).stream("fails", 0L, Long.class));

      assertThat(items.failure(CallException.class)).hasMessageContaining("no more");
      assertThat(items.list()).isEqualTo(ALL);
    }
  }

  @Test
  void aPublisherThatLostItsItemsIsToldInTheLog() {
    Queue<String> said = new ConcurrentLinkedQueue<>();
    Logger log = Logger.getLogger("io.carrick.handlers");
    Filter before = log.getFilter();
    log.setFilter(record -> said.add(record.getMessage()));
    String endpoint = TestTransport.UNIX.endpoint(directory);
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handleStream(
          "early",
          Long.class,
          (Long count) -> {
            SubmissionPublisher<Long> publisher = new SubmissionPublisher<>();
            ALL.forEach(publisher::submit);
            publisher.close();
            return publisher;
          });
      Remote remote = client.connect(endpoint);

      for (int i = 0; i < 3; i++) {
        assertThat(Items.of(remote.stream("early", 0L, Long.class)).complete()).isEmpty();
      }

      assertThat(said)
          .containsExactly(
              "handler of early returned a SubmissionPublisher that was closed before it had a"
                  + " subscriber: what was submitted is lost; return an Emitter, which keeps it");
    } finally {
      log.setFilter(before);
    }
  }

  @Test
  void whoOffersMoreThanTheReaderTakesIsHeldBackAndToldWhenItGoes() throws Exception {
    Emitter<Long> emitter = Emitter.create(2);
    assertThat(emitter.offer(0L)).isTrue();
    assertThat(emitter.offer(1L)).isTrue();
    assertThat(emitter.offer(2L)).isFalse();
    assertThat(emitter.offer(2L, Duration.ofMillis(1))).isFalse();
    CompletableFuture<Boolean> waiting = offerLater(emitter, 2L);
    Items<Long> items = Items.asking(1);

    emitter.subscribe(items);

    assertThat(Await.result(waiting)).isTrue();
    assertThat(items.list()).containsExactly(0L);
    CompletableFuture<Boolean> late = offerLater(emitter, 3L);
    items.cancel();
    assertThat(Await.result(late)).isFalse();
    assertThat(emitter.isEnded()).isTrue();
    assertThat(emitter.offer(4L)).isFalse();
    assertThat(items.list()).containsExactly(0L);
  }

  private CompletableFuture<Boolean> offerLater(Emitter<Long> emitter, long item) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return emitter.offer(item, PATIENCE);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        feeders);
  }

  @Test
  void aSecondSubscriberIsRefused() {
    Emitter<Long> emitter = fed(ITEMS, 8);
    Items<Long> first = Items.of(emitter);

    Items<Long> second = Items.of(emitter);

    assertThat(first.complete()).isEqualTo(ALL);
    assertThat(Await.failure(second.end(), PATIENCE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("an emitter has one subscriber: create one for each stream");
  }

  @Test
  void theCapacityHasItsRange() {
    assertThatThrownBy(() -> Emitter.create(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("capacity 0 must be 1 to 1000000 items");
    assertThatThrownBy(() -> Emitter.create(Emitter.MAX_CAPACITY + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @TestFactory
  Stream<DynamicTest> reactiveStreams() {
    TckRun run = new TckRun();
    return Stream.concat(
        run.tests("emitter", Rules::new),
        Stream.of(DynamicTest.dynamicTest("summary", () -> run.print("no transport"))));
  }

  /** The rules of a publisher; its methods are run one by one. */
  public final class Rules extends FlowPublisherVerification<Long> {

    Rules() {
      super(new TestEnvironment(1_500, 30), 500);
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
      return fed(elements, 8);
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
      Emitter<Long> emitter = Emitter.create();
      emitter.fail(new CallException(StatusCode.NOT_FOUND, "no such stream"));
      return emitter;
    }
  }
}
