package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Authorizer and "Rights" of docs/security.md: one that takes its time. On which
 * threads it runs is in ConcurrencyPageTest, what it denies in AccessSemanticsTest, plain gRPC
 * calls in AuthorizerPlainTest, and a node that closes while it is asked in MessengerClosePageTest.
 */
@OverEachTransport
final class AuthorizerPageTest extends Semantics {

  private static final int OTHERS = 100;

  /** Half of the second that a slow authorizer may well take: what it would cost on a reader. */
  private static final Duration SOON = Duration.ofMillis(500);

  private final AtomicInteger asking = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  AuthorizerPageTest(TestTransport transport) {
    super(transport);
  }

  /** Its authorizer holds what goes to "slow" until the gate opens. */
  private void restartWithSlowAuthorizer() {
    restart(b -> b.authorizer(this::allows), b -> b);
    server.handle("fast", String.class, text -> text);
    server.handle("slow", String.class, this::see);
    server.handleSend("fast", String.class, text -> {});
    server.handleSend("slow", String.class, this::see);
  }

  private boolean allows(Object principal, Authorizer.Action action, String topic) {
    if (topic.startsWith("slow")) {
      asking.incrementAndGet();
      gate.pass();
    }
    return true;
  }

  private String see(String text) {
    seen.add(text);
    return text;
  }

  private void awaitAsked(int count) {
    Await.until("the authorizer is asked", () -> asking.get() >= count);
  }

  @Test
  void oneThatTakesItsTimeStallsNobodyElse() throws Exception {
    restartWithSlowAuthorizer();
    CompletableFuture<String> slow = remote.request("slow", "x", String.class);
    CompletableFuture<Void> slowSend = remote.send("slow", "y");
    awaitAsked(2);

    try (Messenger another = TestTls.messenger("another").build()) {
      Remote ofAnother = another.connect(endpoint);
      assertThat(p99(remote)).as("p99 of the same session").isLessThan(SOON);
      assertThat(p99(ofAnother)).as("p99 of another peer").isLessThan(SOON);
    }
    await(remote.send("fast", "x"));
    await(remote.publish("fast", "x"));
    await(remote.subscribe("fast", String.class, text -> {}));
    assertThat(slow).isNotDone();
    assertThat(slowSend).isNotDone();

    gate.open();
    assertThat(await(slow)).isEqualTo("x");
    await(slowSend);
  }

  private static Duration p99(Remote to) {
    long[] nanos = new long[OTHERS];
    for (int i = 0; i < OTHERS; i++) {
      long start = System.nanoTime();
      await(to.request("fast", "x", String.class));
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[OTHERS * 99 / 100 - 1]);
  }

  @Test
  void whoIsToldThatItHasASubscriptionMissesNothingFromThenOn() {
    for (boolean intercepted : new boolean[] {false, true}) {
      restart(
          b ->
              (intercepted ? b.interceptHandlers(new Interceptor() {}) : b)
                  .authorizer((principal, action, topic) -> true),
          b -> b);
      for (int i = 0; i < 300; i++) {
        String text = "m" + i;
        CompletableFuture<String> got = new CompletableFuture<>();
        try (Registration subscribed =
            await(remote.subscribe("news", String.class, got::complete))) {
          await(remote.publish("news", text));
          assertThat(await(got)).as("what %s got", subscribed).isEqualTo(text);
        }
      }
    }
  }

  @Test
  void nothingIsDeliveredBeforeItHasAnswered() {
    restartWithSlowAuthorizer();
    server.handleStream("slow", String.class, text -> Source.<String>of(1, i -> see("of " + text)));
    server.handleChannel(
        "slow", String.class, (values, call) -> Source.<String>of(1, i -> see("a channel's")));
    server.subscribe("slow", String.class, this::see);

    CompletableFuture<String> request = remote.request("slow", "a request", String.class);
    CompletableFuture<Void> send = remote.send("slow", "a send");
    CompletableFuture<Void> publish = remote.publish("slow", "a publish");
    Items<String> stream = Items.of(remote.stream("slow", "a stream", String.class));
    Items<String> channel = Items.of(remote.channel("slow", Source.<String>silent(), String.class));
    awaitAsked(5);
    await(remote.request("fast", "x", String.class));
    assertThat(seen).isEmpty();

    gate.open();
    await(request);
    await(send);
    await(publish);
    stream.complete();
    channel.complete();
    BooleanSupplier all = () -> seen.size() == 5;
    Await.until("all is delivered", all);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "a request", "a send", "a publish", "of a stream", "a channel's");
  }

  @Test
  void aSubscriptionGetsNothingBeforeItHasAnswered() {
    restartWithSlowAuthorizer();
    CompletableFuture<?> subscription =
        remote.subscribe("slow/#", String.class, this::see).toCompletableFuture();
    awaitAsked(1);

    await(server.publish("slow", "too early"));
    assertThat(subscription).isNotDone();
    gate.open();
    await(subscription);
    await(server.publish("slow", "in time"));

    Await.until("it is there", () -> !seen.isEmpty());
    assertThat(seen).containsExactly("in time");
  }

  @Test
  void sendsToATopicAndPublishesKeepTheirOrder() {
    restart(
        b ->
            b.authorizer(
                (principal, action, topic) -> {
                  // Longer for some than for those behind them.
                  long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(50_000);
                  while (System.nanoTime() - until < 0) {
                    Thread.onSpinWait();
                  }
                  return true;
                }),
        b -> b);
    List<String> sends = new CopyOnWriteArrayList<>();
    List<String> publishes = new CopyOnWriteArrayList<>();
    server.handleSend("ordered", String.class, sends::add);
    server.subscribe("ordered/#", String.class, publishes::add);
    List<String> all = IntStream.range(0, 200).mapToObj(Integer::toString).toList();

    List<CompletableFuture<Void>> made = new ArrayList<>();
    for (String next : all) {
      made.add(remote.send("ordered", next));
      made.add(remote.publish(Integer.parseInt(next) % 2 == 0 ? "ordered" : "ordered/a", next));
    }
    made.forEach(Semantics::await);

    Await.until("all is handled", () -> sends.size() + publishes.size() == 2 * all.size());
    assertThat(sends).containsExactlyElementsOf(all);
    assertThat(publishes).containsExactlyElementsOf(all);
  }

  @Test
  void whatItThrowsDenies() {
    restart(
        b ->
            b.authorizer(
                (principal, action, topic) -> {
                  throw new StackOverflowError("too deep");
                }),
        b -> b);
    server.handle("topic", String.class, this::see);
    server.handleSend("topic", String.class, this::see);

    assertDenied(remote.request("topic", "x", String.class));
    assertDenied(remote.send("topic", "x"));
    assertDenied(remote.publish("topic", "x"));
    assertThat(seen).isEmpty();
  }

  private static void assertDenied(CompletableFuture<?> call) {
    MessagingException e = (MessagingException) Await.failure(call, Await.LONG_ENOUGH);
    assertThat(e).isInstanceOf(CallException.class);
    assertThat(e.code()).isEqualTo(StatusCode.PERMISSION_DENIED);
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
  }

  @Test
  void whatIsCancelledMeanwhileIsNotDelivered() {
    restartWithSlowAuthorizer();
    await(remote.connect());
    CompletableFuture<String> expired =
        remote
            .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(200)))
            .request("slow", "expired", String.class);
    CompletableFuture<String> cancelled = remote.request("slow", "cancelled", String.class);
    awaitAsked(2);
    cancelled.cancel(false);
    Await.failure(expired, Await.LONG_ENOUGH);
    await(remote.request("fast", "x", String.class));

    gate.open();
    await(remote.request("slow", "behind them", String.class));

    assertThat(seen).containsExactly("behind them");
  }

  @Test
  void itMayAskAnotherServiceAndWaitForTheAnswer() {
    String rights = transport.endpoint(directory.resolve("rights"));
    try (Messenger service = TestTls.messenger("rights").listen(rights).build();
        Messenger asker = TestTls.messenger("asker").build()) {
      service.handle("may", String.class, topic -> topic.equals("topic"));
      Remote remoteRights = asker.connect(service.endpoints().get(0));
      restart(
          b ->
              b.authorizer(
                  (principal, action, topic) ->
                      remoteRights.request("may", topic, Boolean.class).join()),
          b -> b);
      server.handle("topic", Message.class, message -> message);
      server.handle("other", Message.class, message -> message);

      assertThat(await(remote.request("topic", "x", String.class))).isEqualTo("x");
      assertDenied(remote.request("other", "x", String.class));
    }
  }
}
