package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@OverEachTransportAndBroker
final class PublishSemanticsTest extends Semantics {

  private static final int MANY = 2_000;

  /** Fewer than the publishes of one session that may wait for subscriptions that block. */
  private static final int MOST_WAITING = 50;

  private final List<String> seen = new CopyOnWriteArrayList<>();

  PublishSemanticsTest(TestTransport transport) {
    super(transport);
  }

  private void awaitSeen(String... expected) {
    Await.until("messages " + List.of(expected), () -> seen.size() >= expected.length);
    assertThat(seen).containsExactly(expected);
  }

  @Test
  void aSendReachesItsHandler() {
    server.handleSend("test/note", Order.class, order -> seen.add(order.id()));

    await(remote.send("test/note", new Order("A", 1)));

    awaitSeen("A");
  }

  @Test
  void aSendCompletesBeforeItsHandlerHasRun() {
    server.handleSend("test/note", String.class, text -> gate.pass());

    await(remote.send("test/note", "x"));
    await(remote.send("test/note", "y"));
  }

  @Test
  void aSendWithoutAHandlerIsNotDelivered() {
    Failures.check(
        Failures.in(remote.send("no/such", "x"), CallException.class),
        StatusCode.UNIMPLEMENTED,
        Delivered.NO,
        "no/such");
  }

  @Test
  void sendsRunOneAtATimeAndInOrder() {
    List<Integer> order = new ArrayList<>();
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean overlap = new AtomicBoolean();
    CompletableFuture<Void> done = new CompletableFuture<>();
    server
        .with(io.carrick.HandlerOptions.DEFAULT.withWaiting(MANY))
        .handleSend(
            "test/note",
            Integer.class,
            n -> {
              overlap.compareAndSet(false, inside.incrementAndGet() != 1);
              order.add(n);
              inside.decrementAndGet();
              if (n == MANY - 1) {
                done.complete(null);
              }
            });

    List<CompletableFuture<Void>> sends =
        IntStream.range(0, MANY).mapToObj(n -> remote.send("test/note", n)).toList();

    sends.forEach(Semantics::await);
    await(done);
    assertThat(order).isEqualTo(IntStream.range(0, MANY).boxed().toList());
    assertThat(overlap).isFalse();
  }

  @Test
  void sendsKeepTheirOrderWhileTheSessionOpens() throws Exception {
    for (int i = 0; i < 20; i++) {
      List<Integer> order = new CopyOnWriteArrayList<>();
      io.carrick.Registration handler =
          server
              .with(io.carrick.HandlerOptions.DEFAULT.withWaiting(MANY))
              .handleSend("test/note", Integer.class, order::add);
      try (io.carrick.Remote fresh = client.connect(endpoint)) {
        List<CompletableFuture<Void>> sends =
            IntStream.range(0, 300).mapToObj(n -> fresh.send("test/note", n)).toList();
        sends.forEach(Semantics::await);
        Await.until("all sends", () -> order.size() == 300);
      }
      assertThat(order).isEqualTo(IntStream.range(0, 300).boxed().toList());
      handler.close();
    }
  }

  @Test
  void aPublishReachesTheNodesOwnHandlers() {
    server.subscribe("orders/+/shipped", String.class, text -> seen.add("server " + text));

    await(remote.publish("orders/A-17/shipped", "one"));
    await(remote.publish("orders/A-17/paid", "two"));
    await(server.publish("orders/B/shipped", "three"));

    // A session's messages come in order; between a session and the node itself there is none.
    Await.until("both messages", () -> seen.size() >= 2);
    assertThat(seen).containsExactlyInAnyOrder("server one", "server three");
  }

  @Test
  void filtersSelectWhatASubscriberGets() {
    await(remote.subscribe("a/+/c", String.class, text -> seen.add("plus " + text)));
    await(remote.subscribe("a/#", String.class, text -> seen.add("hash " + text)));
    await(remote.subscribe("a/b/c", String.class, text -> seen.add("exact " + text)));

    for (String topic : List.of("a", "a/b/c", "a/x/c", "a/b", "b/b/c", "a/b/c/d")) {
      await(server.publish(topic, topic));
    }

    Await.until("eight messages", () -> seen.size() >= 8);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "hash a",
            "plus a/b/c",
            "hash a/b/c",
            "exact a/b/c",
            "plus a/x/c",
            "hash a/x/c",
            "hash a/b",
            "hash a/b/c/d");
  }

  @Test
  void aSubscriberGetsWhatItPublishesItself() {
    await(remote.subscribe("news", String.class, seen::add));

    await(remote.publish("news", "mine"));

    awaitSeen("mine");
  }

  @Test
  void aPublishWithoutASubscriberCompletes() {
    await(remote.publish("nobody/listens", "x"));
    await(server.publish("nobody/listens", "x"));
  }

  @Test
  void publishesComeOnceAndInOrderToAllSubscribers() throws Exception {
    List<Integer> first = new CopyOnWriteArrayList<>();
    List<Integer> second = new CopyOnWriteArrayList<>();
    // A publish completes before its subscribers have it. With FAIL a slow one would miss some.
    await(remote.subscribe("numbers", Integer.class, OverflowPolicy.BLOCK, first::add));
    try (io.carrick.Messenger other = TestTls.messenger("other").build()) {
      await(
          other
              .connect(endpoint)
              .subscribe("numbers", Integer.class, OverflowPolicy.BLOCK, second::add));

      for (int n = 0; n < MANY; n++) {
        CompletableFuture<Void> published = remote.publish("numbers", n);
        if (n % MOST_WAITING == 0) {
          await(published);
        }
      }

      Await.until("all numbers", () -> first.size() == MANY && second.size() == MANY);
      List<Integer> all = IntStream.range(0, MANY).boxed().toList();
      assertThat(first).isEqualTo(all);
      assertThat(second).isEqualTo(all);
    }
  }

  @Test
  void aClosedRegistrationGetsNothingMore() {
    Registration registration = await(remote.subscribe("news", String.class, seen::add));
    await(remote.publish("news", "one"));
    awaitSeen("one");

    registration.close();
    registration.close();
    await(remote.subscribe("news", String.class, text -> seen.add("new " + text)));
    await(remote.publish("news", "two"));

    awaitSeen("one", "new two");
  }

  @Test
  void aSubscriptionMayBeAFlow() {
    Items<Message> items = Items.asking(2);
    remote.subscription("news/#", Message.class).subscribe(items);
    Await.until(
        "the subscription is in place",
        () -> {
          await(remote.publish("news/start", "go"));
          return items.count() > 0;
        });
    items.request(100);
    int begun = items.count();

    await(
        remote
            .with(CallOptions.DEFAULT.withHeader("by", "test"))
            .publish("news/today", Message.ofText("sun").withHeaders(Headers.of("own", "1"))));

    Await.until("the last message", () -> last(items).topic().equals("news/today"));
    assertThat(items.count()).isGreaterThan(begun);
    assertThat(last(items).text()).isEqualTo("sun");
    assertThat(last(items).headers().first("by")).contains("test");
    assertThat(last(items).headers().first("own")).contains("1");
    items.cancel();
  }

  private static Message last(Items<Message> items) {
    List<Message> list = items.list();
    return list.get(list.size() - 1);
  }

  @Test
  void aSubscriberThatThrowsGetsTheNextMessage() {
    await(
        remote.subscribe(
            "news",
            String.class,
            text -> {
              seen.add(text);
              throw new IllegalStateException("bad news");
            }));

    await(remote.publish("news", "one"));
    await(remote.publish("news", "two"));

    awaitSeen("one", "two");
  }
}
