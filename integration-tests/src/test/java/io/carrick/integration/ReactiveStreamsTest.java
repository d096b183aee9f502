package io.carrick.integration;

import io.carrick.CallException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;

/**
 * What applications get and give keeps the rules of Reactive Streams: the publishers of streams,
 * channels and channel values, and the subscribers that take what handlers and callers publish.
 */
@Tag("side-by-side")
@OverEachTransport
@Timeout(120)
final class ReactiveStreamsTest {

  private static final int TIMEOUT_MILLIS = 1_500;
  private static final int NO_SIGNAL_MILLIS = 30;

  /** How often it looks for an error that is due; without it, after the whole time. */
  private static final int POLL_MILLIS = 10;

  private static final int MOST_STREAMS = 4_096;

  private final TestTransport transport;
  private final TckRun run = new TckRun();
  private final AtomicInteger keys = new AtomicInteger();
  private final ConcurrentMap<Integer, CompletableFuture<Flow.Subscriber<? super Long>>>
      subscribers = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, CompletableFuture<Flow.Publisher<Long>>> publishers =
      new ConcurrentHashMap<>();
  private final Queue<Items<Long>> open = new ArrayBlockingQueue<>(MOST_STREAMS);

  @TempDir Path directory;

  private Messenger server;
  private Messenger client;
  private Remote remote;

  ReactiveStreamsTest(TestTransport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    String endpoint = transport.endpoint(directory);
    server = TestTls.messenger("server").listen(endpoint).build();
    client = TestTls.messenger("client").build();
    remote = client.connect(endpoint);
    Await.result(remote.connect());
    server.handleStream("tck/stream", Long.class, Source::numbers);
    server.handleStream(
        "tck/fail",
        Long.class,
        n -> {
          throw new CallException(StatusCode.NOT_FOUND, "no such stream");
        });
    server.handleStream(
        "tck/subscriber", Integer.class, key -> s -> subscribers.get(key).complete(s));
    server.handleChannel("tck/channel", Long.class, (values, call) -> values);
    server.handleChannel(
        "tck/values",
        Long.class,
        (values, call) -> {
          int key = Integer.parseInt(call.message().headers().first("key").orElseThrow());
          publishers.get(key).complete(values);
          return Source.silent();
        });
  }

  @AfterEach
  void stop() {
    open.forEach(Items::cancel);
    client.close();
    server.close();
    run.print(transport.toString());
  }

  @TestFactory
  Stream<DynamicTest> streams() {
    return publisher("stream", n -> remote.stream("tck/stream", n, Long.class));
  }

  @TestFactory
  Stream<DynamicTest> channels() {
    return publisher("channel", n -> remote.channel("tck/channel", Source.numbers(n), Long.class));
  }

  @TestFactory
  Stream<DynamicTest> valuesOfAChannelAtItsHandler() {
    return publisher("channel values", this::values);
  }

  @TestFactory
  Stream<DynamicTest> subscribersOfWhatHandlersPublish() {
    return subscriber("stream subscriber", this::streamSubscriber);
  }

  @TestFactory
  Stream<DynamicTest> subscribersOfTheValuesOfAChannel() {
    return subscriber("channel subscriber", this::channelSubscriber);
  }

  private static TestEnvironment environment() {
    return new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS, POLL_MILLIS);
  }

  private interface Publishing {
    Flow.Publisher<Long> numbers(long count);
  }

  private Stream<DynamicTest> publisher(String what, Publishing publishing) {
    return run.tests(
        what,
        () -> new PublisherRules(publishing, () -> remote.stream("tck/fail", 1L, Long.class)));
  }

  private Stream<DynamicTest> subscriber(String what, Supplier<Flow.Subscriber<Long>> subscriber) {
    return run.tests(what, () -> new SubscriberRules(subscriber));
  }

  private Flow.Publisher<Long> values(long count) {
    int key = keys.incrementAndGet();
    CompletableFuture<Flow.Publisher<Long>> publisher = new CompletableFuture<>();
    publishers.put(key, publisher);
    open.add(
        Items.of(
            remote
                .with(remote.options().withHeader("key", Integer.toString(key)))
                .channel("tck/values", Source.numbers(count), Long.class)));
    return Await.result(publisher);
  }

  private Flow.Subscriber<Long> streamSubscriber() {
    int key = keys.incrementAndGet();
    CompletableFuture<Flow.Subscriber<? super Long>> subscriber = new CompletableFuture<>();
    subscribers.put(key, subscriber);
    open.add(Items.of(remote.stream("tck/subscriber", key, Long.class)));
    return forward(Await.result(subscriber));
  }

  private Flow.Subscriber<Long> channelSubscriber() {
    CompletableFuture<Flow.Subscriber<? super Long>> subscriber = new CompletableFuture<>();
    Flow.Publisher<Long> catching = subscriber::complete;
    open.add(Items.of(remote.channel("tck/channel", catching, Long.class)));
    return forward(Await.result(subscriber));
  }

  @SuppressWarnings("unchecked") // A subscriber of more than Long takes Long.
  private static Flow.Subscriber<Long> forward(Flow.Subscriber<? super Long> subscriber) {
    return (Flow.Subscriber<Long>) subscriber;
  }

  /** The rules of a publisher; its methods are run one by one. */
  public static final class PublisherRules extends FlowPublisherVerification<Long> {
    private final Publishing publishing;
    private final Supplier<Flow.Publisher<Long>> failing;

    PublisherRules(Publishing publishing, Supplier<Flow.Publisher<Long>> failing) {
      super(environment(), 500);
      this.publishing = publishing;
      this.failing = failing;
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
      return publishing.numbers(elements);
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
      return failing.get();
    }
  }

  /** The rules of a subscriber; its methods are run one by one. */
  public static final class SubscriberRules extends FlowSubscriberBlackboxVerification<Long> {
    private final Supplier<Flow.Subscriber<Long>> subscriber;

    SubscriberRules(Supplier<Flow.Subscriber<Long>> subscriber) {
      super(environment());
      this.subscriber = subscriber;
    }

    @Override
    public Flow.Subscriber<Long> createFlowSubscriber() {
      return subscriber.get();
    }

    @Override
    public Long createElement(int element) {
      return (long) element;
    }
  }
}
