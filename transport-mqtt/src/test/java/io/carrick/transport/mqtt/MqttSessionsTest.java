package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.PathEvent.What;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions over a broker: through the public API, at a real Mosquitto. */
@Timeout(90)
final class MqttSessionsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final List<AutoCloseable> open = new ArrayList<>();
  private Mosquitto broker;

  @BeforeEach
  void start() {
    broker = Mosquitto.start();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private Messenger messenger(Messenger.Builder builder) {
    Messenger messenger = builder.build();
    open.add(0, messenger);
    return messenger;
  }

  private Messenger serve(String... endpoints) {
    Messenger.Builder builder = Messenger.builder("service");
    for (String each : endpoints) {
      builder.listen(each);
    }
    Messenger service = messenger(builder);
    service.handle("echo", String.class, text -> text);
    service.handleStream("count", String.class, text -> new Count(Integer.parseInt(text)));
    return service;
  }

  private Remote connect(String first, String... more) {
    return messenger(Messenger.builder("client")).connect(first, more);
  }

  /** Numbers as text, as fast as they are asked for. */
  private record Count(int most) implements Flow.Publisher<String> {

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private int next;
            private long wanted;
            private boolean emitting;

            @Override
            public synchronized void request(long n) {
              wanted += n;
              if (emitting) {
                return;
              }
              emitting = true;
              while (wanted > 0 && next < most) {
                wanted--;
                subscriber.onNext(String.valueOf(next++));
              }
              emitting = false;
              if (next == most) {
                next++;
                subscriber.onComplete();
              }
            }

            @Override
            public synchronized void cancel() {
              next = most + 1;
            }
          });
    }
  }

  /** Keeps what comes. */
  private static final class Collected implements Flow.Subscriber<String> {
    final AtomicInteger count = new AtomicInteger();
    final CompletableFuture<Void> end = new CompletableFuture<>();
    private final List<String> all = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {
      all.add(item);
      count.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }

    void assertAllOnceAndInOrder(int most) {
      assertThat(end).succeedsWithin(PATIENCE);
      assertThat(all).isEqualTo(IntStream.range(0, most).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  void allPatternsGoOverABroker() throws Exception {
    String at = broker.endpoint("orders");
    Messenger service = serve(at);
    service.handleChannel("same", String.class, items -> items);
    CompletableFuture<String> heard = new CompletableFuture<>();
    service.subscribe("news/#", String.class, heard::complete);
    Remote remote = connect(at);

    assertThat(Await.result(remote.request("echo", "x".repeat(3_000_000), String.class)))
        .hasSize(3_000_000);
    Collected counted = new Collected();
    remote.stream("count", "20000", String.class).subscribe(counted);
    counted.assertAllOnceAndInOrder(20_000);
    try (SubmissionPublisher<String> up = new SubmissionPublisher<>()) {
      Collected down = new Collected();
      remote.channel("same", up, String.class).subscribe(down);
      IntStream.range(0, 1_000).forEach(i -> up.submit(String.valueOf(i)));
      up.close();
      down.assertAllOnceAndInOrder(1_000);
    }
    Await.result(remote.publish("news/today", "hello"));
    assertThat(Await.result(heard)).isEqualTo("hello");
    assertThat(remote.explain().toString()).contains(at);
  }

  @Test
  void aBrokerKilledAndBackLosesAndDoublesNothing() {
    String at = broker.endpoint("steady");
    Messenger service = serve(at);
    Queue<String> handled = new ConcurrentLinkedQueue<>();
    service.handle(
        "once",
        String.class,
        text -> {
          handled.add(text);
          return text;
        });
    Remote remote = connect(at);
    Queue<What> events = new ConcurrentLinkedQueue<>();
    remote.onPathEvent(event -> events.add(event.what()));
    assertThat(Await.result(remote.request("echo", "first", String.class))).isEqualTo("first");
    String instance = remote.instance().orElseThrow();
    Collected counted = new Collected();
    remote.stream("count", "50000", String.class).subscribe(counted);
    Await.until("the stream runs", () -> counted.count.get() > 1_000);

    broker.kill();
    Await.until("the break is noticed", () -> events.contains(What.SUSPENDED));
    List<CompletableFuture<String>> replies =
        IntStream.range(0, 100)
            .mapToObj(i -> remote.request("once", String.valueOf(i), String.class))
            .toList();
    broker.run();

    for (int i = 0; i < replies.size(); i++) {
      assertThat(replies.get(i)).succeedsWithin(PATIENCE).isEqualTo(String.valueOf(i));
    }
    counted.assertAllOnceAndInOrder(50_000);
    assertThat(handled).hasSize(100).doesNotHaveDuplicates();
    assertThat(events).contains(What.RESUMED).doesNotContain(What.LOST);
    assertThat(remote.instance()).contains(instance);
  }

  @Test
  void aBrokerThatDoesAllTricksLosesAndDoublesNothing() throws Exception {
    EvilBroker evil = new EvilBroker(broker);
    open.add(evil);
    AtomicInteger count = new AtomicInteger();
    List<byte[]> old = new CopyOnWriteArrayList<>();
    String at = evil.endpoint("tricked");
    serve(broker.endpoint("tricked"));
    Remote remote = connect(at);
    Queue<What> events = new ConcurrentLinkedQueue<>();
    remote.onPathEvent(event -> events.add(event.what()));
    assertThat(Await.result(remote.request("echo", "first", String.class))).isEqualTo("first");
    String instance = remote.instance().orElseThrow();
    evil.doesWithConnections(
        packet -> {
          int n = count.incrementAndGet();
          if (old.size() < 20) {
            old.add(packet);
          }
          if (n % 400 == 399) {
            return List.of(); // Lost.
          }
          List<byte[]> given = new ArrayList<>(List.of(packet, EvilBroker.retained(packet)));
          if (n % 10 == 0) {
            given.add(packet); // Repeated.
            given.addAll(old); // Replayed, and of others.
          }
          return given;
        });

    Collected counted = new Collected();
    remote.stream("count", "30000", String.class).subscribe(counted);
    for (int i = 0; i < 200; i++) {
      String text = String.valueOf(i);
      assertThat(remote.request("echo", text, String.class))
          .succeedsWithin(PATIENCE)
          .isEqualTo(text);
    }

    counted.assertAllOnceAndInOrder(30_000);
    assertThat(remote.instance()).contains(instance);
    assertThat(events).doesNotContain(What.LOST);
  }

  @Test
  void aSessionMovesFromTheBrokerToADirectPathAndBack() {
    String at = broker.endpoint("moving");
    String direct = "memory:" + UUID.randomUUID();
    serve(at, direct);
    Remote remote = connect(at, direct);
    Await.result(remote.connect());
    Await.result(remote.move(at));
    String instance = remote.instance().orElseThrow();
    Collected counted = new Collected();
    remote.stream("count", "30000", String.class).subscribe(counted);

    for (int i = 0; i < 3; i++) {
      Await.result(remote.move(direct));
      assertThat(Await.result(remote.request("echo", "direct", String.class))).isEqualTo("direct");
      Await.result(remote.move(at));
      assertThat(Await.result(remote.request("echo", "broker", String.class))).isEqualTo("broker");
    }

    counted.assertAllOnceAndInOrder(30_000);
    assertThat(remote.instance()).contains(instance);
  }

  @Test
  void aFloorAboveNoneNeverGoesOverABroker() {
    String at = broker.endpoint("floor");
    serve(at);
    Remote remote = connect(at).with(Requirements.security(SecurityLevel.MUTUAL));

    assertThatThrownBy(() -> Await.result(remote.request("echo", "x", String.class)))
        .hasRootCauseInstanceOf(MessagingException.class);
    assertThat(remote.explain().candidates().get(0).eligible()).isFalse();
  }

  @Test
  void aSessionOfSeveralInstancesFindsItsOwnAgain() {
    String service = broker.endpoint("replicas");
    Messenger one = serve(service);
    Messenger two = serve(service);
    Remote remote = connect(service);
    Queue<What> events = new ConcurrentLinkedQueue<>();
    remote.onPathEvent(event -> events.add(event.what()));
    Await.result(remote.request("echo", "x", String.class));
    String instance = remote.instance().orElseThrow();
    assertThat(instance).isIn(one.instance(), two.instance());

    broker.kill();
    Await.until("the break is noticed", () -> events.contains(What.SUSPENDED));
    broker.run();

    assertThat(remote.request("echo", "y", String.class)).succeedsWithin(PATIENCE);
    assertThat(remote.instance()).contains(instance);
  }
}
