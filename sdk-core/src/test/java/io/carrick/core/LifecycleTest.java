package io.carrick.core;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.PathEvent;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LifecycleTest {

  private final String endpoint = "memory:" + UUID.randomUUID();

  private Messenger serve(String answer) {
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    server.handle("ask", String.class, text -> answer);
    return server;
  }

  @Test
  void restartedServiceIsReachedAgain() throws Exception {
    try (Messenger client = Messenger.builder("client").build()) {
      Messenger first = serve("first");
      Remote remote = client.connect(endpoint);
      assertThat(remote.request("ask", "?", String.class).get(5, SECONDS)).isEqualTo("first");
      String instance = remote.instance().orElseThrow();
      first.close();

      CompletableFuture<String> call = remote.request("ask", "?", String.class);
      try (Messenger second = serve("second")) {
        assertThat(call.get(20, SECONDS)).isEqualTo("second");
        assertThat(remote.instance()).contains(second.instance()).isNotEqualTo(instance);
        assertThat(remote.explain().events())
            .extracting(PathEvent::what)
            .contains(PathEvent.What.LOST, PathEvent.What.CONNECTED);
        assertThat(remote.explain().toString()).contains(endpoint);
      }
    }
  }

  @Test
  void thePathIsKnownAsSoonAsItIsConnected() throws Exception {
    try (Messenger server = serve("here");
        Messenger client = Messenger.builder("client").build()) {
      for (int i = 0; i < 300; i++) {
        try (Remote remote = client.connect(endpoint)) {
          remote.connect().get(5, SECONDS);

          assertThat(remote.instance()).as("after %d others", i).contains(server.instance());
          assertThat(remote.explain().chosen()).as("after %d others", i).contains(endpoint);
        }
      }
    }
  }

  @Test
  void subscriptionIsMadeAgainAndTellsOfTheGap() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Subscriber<String> subscriber =
        new Subscriber.Simple<>() {
          @Override
          public void onMessage(String value) {
            seen.add(value);
          }

          @Override
          public void onGap(long missed) {
            seen.add("gap " + missed);
          }
        };
    try (Messenger client = Messenger.builder("client").build()) {
      Messenger first = serve("first");
      Remote remote = client.connect(endpoint);
      Registration registration =
          remote.subscribe("news", String.class, subscriber).get(5, SECONDS);
      first.publish("news", "one").get(5, SECONDS);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("one");
      first.close();

      try (Messenger second = serve("second")) {
        assertThat(seen.poll(20, SECONDS)).isEqualTo("gap -1");
        second.publish("news", "two").get(5, SECONDS);
        assertThat(seen.poll(5, SECONDS)).isEqualTo("two");
        registration.close();
      }
    }
  }

  @Test
  void closeLeavesNoThread() throws Exception {
    Messenger server = serve("answer");
    Messenger client = Messenger.builder("close-me").build();
    client.connect(endpoint).request("ask", "?", String.class).get(5, SECONDS);

    client.close();
    client.close();
    server.close();

    assertThat(server.peers()).isEmpty();
    long until = System.nanoTime() + 5_000_000_000L;
    while (ours() > 0 && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertThat(ours()).isZero();
  }

  private static long ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("carrick-") && t.getName().contains("close-me"))
        .count();
  }

  @Test
  void closeFromAHandlerOnlyStarts() throws Exception {
    CompletableFuture<Messenger> self = new CompletableFuture<>();
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    self.complete(server);
    server.handle(
        "stop",
        String.class,
        (text, call) -> {
          self.join().close();
          return "stopping";
        });
    try (Messenger client = Messenger.builder("client").build()) {
      assertThat(client.connect(endpoint).request("stop", "?", String.class).get(10, SECONDS))
          .isEqualTo("stopping");
    }
    server.close();
  }

  @Test
  void whoWaitsForTheEndIsTold() throws Exception {
    Messenger server = serve("answer");
    CompletableFuture<Void> waited =
        CompletableFuture.runAsync(
            () -> {
              try {
                server.awaitClosed();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    CompletableFuture<Void> closed = server.closed().toCompletableFuture();
    server.closed().toCompletableFuture().complete(null);
    assertThat(closed).isNotDone();
    server.handle(
        "wait",
        String.class,
        (text, call) -> {
          server.awaitClosed();
          return "";
        });
    try (Messenger client = Messenger.builder("client").build()) {
      assertThat(client.connect(endpoint).request("wait", "?", String.class))
          .failsWithin(Duration.ofSeconds(5));
    }
    assertThat(waited).isNotDone();

    server.close();

    assertThat(waited).succeedsWithin(Duration.ofSeconds(5));
    assertThat(closed).succeedsWithin(Duration.ofSeconds(5));
    server.awaitClosed();
  }

  @Test
  void whoWaitsForTheEndDoesNotRunWhatDependsOnIt() throws Exception {
    for (int i = 0; i < 20; i++) {
      Messenger server = serve("answer");
      CompletableFuture<Void> goOn = new CompletableFuture<Void>().orTimeout(15, SECONDS);
      CompletableFuture<Void> after = server.closed().thenRun(goOn::join).toCompletableFuture();

      server.close();
      server.awaitClosed();
      goOn.complete(null);

      assertThat(after).succeedsWithin(Duration.ofSeconds(5));
    }
  }

  /** More than may wait for a session: 1,024. */
  private static final int MANY = 1_100;

  private void manyLeaveNoPlaceTaken(Consumer<Remote> waits) {
    Messenger server = serve("answer");
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint);
      assertThat(remote.connect()).succeedsWithin(Duration.ofSeconds(5));
      server.close();

      CompletableFuture<CompletableFuture<String>> another =
          CompletableFuture.supplyAsync(
              () -> {
                for (int i = 0; i < MANY; i++) {
                  waits.accept(remote);
                }
                return remote.request("ask", "?", String.class);
              },
              // It waits, which a thread of the common pool must not: others run there.
              task -> new Thread(task, "asks").start());

      assertThat(another).as("a call that waits").succeedsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void connectsThatAreCancelledLeaveNoPlaceTaken() {
    manyLeaveNoPlaceTaken(remote -> remote.connect().cancel(true));
  }

  @Test
  void streamsThatAreCancelledLeaveNoPlaceTaken() {
    manyLeaveNoPlaceTaken(
        remote ->
            remote.stream("count", 3, Integer.class)
                .subscribe(
                    new Flow.Subscriber<>() {
                      @Override
                      public void onSubscribe(Flow.Subscription s) {
                        CompletableFuture.delayedExecutor(1, MILLISECONDS).execute(s::cancel);
                      }

                      @Override
                      public void onNext(Integer item) {}

                      @Override
                      public void onError(Throwable failure) {}

                      @Override
                      public void onComplete() {}
                    }));
  }

  @Test
  void deniedActionsAreAnsweredSo() throws Exception {
    Authorizer authorizer =
        (principal, action, topic) ->
            switch (action) {
              case REQUEST -> topic.equals("open");
              case RECEIVE -> !topic.equals("news/secret");
              default -> true;
            };
    try (Messenger server =
            Messenger.builder("server").listen(endpoint).authorizer(authorizer).build();
        Messenger client = Messenger.builder("client").build()) {
      server.handle("open", String.class, text -> "yes");
      server.handle("shut", String.class, text -> "no");
      Remote remote = client.connect(endpoint);
      BlockingQueue<String> seen = new LinkedBlockingQueue<>();
      remote.subscribe("news/#", String.class, seen::add).get(5, SECONDS);

      server.publish("news/secret", "hidden").get(5, SECONDS);
      server.publish("news/open", "shown").get(5, SECONDS);

      assertThat(remote.request("open", "?", String.class).get(5, SECONDS)).isEqualTo("yes");
      assertThat(remote.request("shut", "?", String.class))
          .failsWithin(Duration.ofSeconds(5))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(
              CallException.class,
              e -> assertThat(e.code()).isEqualTo(StatusCode.PERMISSION_DENIED));
      assertThat(seen.poll(5, SECONDS)).isEqualTo("shown");
    }
  }

  @Test
  void interceptorsStandAroundBothSides() throws Exception {
    List<String> trace = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (Messenger server =
            Messenger.builder("server")
                .listen(endpoint)
                .interceptHandlers(new Tracing("served", trace))
                .build();
        Messenger client =
            Messenger.builder("client")
                .interceptCalls(new Tracing("outer", trace))
                .interceptCalls(new Tracing("inner", trace))
                .build()) {
      server.handle(
          "ask", String.class, (text, call) -> call.message().headers().entries().toString());
      server.handleStream("count", Integer.class, RangePublisher::new);
      Remote remote = client.connect(endpoint);

      String headers = remote.request("ask", "?", String.class).get(5, SECONDS);
      List<Integer> items =
          Collecting.all(remote.stream("count", 3, Integer.class)).get(5, SECONDS);

      assertThat(trace).startsWith("outer ask", "inner ask", "served ask");
      assertThat(headers).contains("outer", "inner");
      assertThat(items).containsExactly(0, 1, 2);
    }
  }

  @Test
  void interceptorsStandAroundSubscriptionsOfBothSides() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    List<String> trace = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (Messenger server =
            Messenger.builder("server")
                .listen(endpoint)
                .interceptHandlers(new Tracing("served", trace))
                .build();
        Messenger client =
            Messenger.builder("client").interceptCalls(new Tracing("called", trace)).build()) {
      Remote remote = client.connect(endpoint);
      remote.subscribe("news/+", String.class, seen::add).get(5, SECONDS);
      remote.subscribe("news/#", Message.class, messages::add).get(5, SECONDS);

      remote.publish("news/a", "one").get(5, SECONDS);

      assertThat(seen.poll(5, SECONDS)).isEqualTo("one");
      assertThat(messages.poll(5, SECONDS).topic()).isEqualTo("news/a");
      assertThat(trace)
          .containsExactly(
              "called news/+",
              "served news/+",
              "called news/#",
              "served news/#",
              "called news/a",
              "served news/a");
    }
  }

  private record Tracing(String name, List<String> trace) implements Interceptor {

    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      trace.add(name + " " + call.topic());
      return next.apply(message.withHeaders(message.headers().with("via", name)));
    }

    @Override
    public Flow.Publisher<Message> stream(
        CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
      trace.add(name + " " + call.topic());
      return next.apply(message);
    }
  }

  @Test
  void slowSubscriptionFailsWithTheCount() throws Exception {
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    CompletableFuture<String> end = new CompletableFuture<>();
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      Subscriber<Message> slow =
          new Subscriber.Simple<>() {
            @Override
            public void onMessage(Message value) throws Exception {
              goOn.get(20, SECONDS);
            }

            @Override
            public void onEnd(io.carrick.MessagingException reason) {
              end.complete(reason.code() + " " + reason.getMessage());
            }
          };
      client
          .connect(endpoint)
          .subscribe("news", Message.class, OverflowPolicy.FAIL, slow)
          .get(5, SECONDS);

      for (int i = 0; i < 3_000; i++) {
        server.publish("news", "n" + i).get(5, SECONDS);
      }
      goOn.complete(null);

      assertThat(end.get(10, SECONDS)).contains("RESOURCE_EXHAUSTED").contains("missed");
    }
  }

  @Test
  void droppedMessagesAreCounted() throws Exception {
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    AtomicInteger received = new AtomicInteger();
    AtomicInteger missed = new AtomicInteger();
    CompletableFuture<Void> last = new CompletableFuture<>();
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      Subscriber.Simple<String> slow =
          new Subscriber.Simple<>() {
            @Override
            public void onMessage(String value) throws Exception {
              goOn.get(20, SECONDS);
              received.incrementAndGet();
              if (value.equals("n2999")) {
                last.complete(null);
              }
            }

            @Override
            public void onGap(long count) {
              missed.addAndGet((int) count);
            }
          };
      client
          .connect(endpoint)
          .subscribe("news", String.class, OverflowPolicy.DROP_OLDEST, slow)
          .get(5, SECONDS);

      for (int i = 0; i < 3_000; i++) {
        server.publish("news", "n" + i).get(5, SECONDS);
      }
      goOn.complete(null);
      last.get(10, SECONDS);

      assertThat(missed.get()).isPositive();
      assertThat(received.get() + missed.get()).isEqualTo(3_000);
    }
  }

  @Test
  void blockingSubscriptionHoldsThePublisherBack() throws Exception {
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    AtomicInteger received = new AtomicInteger();
    CompletableFuture<Void> last = new CompletableFuture<>();
    try (Messenger server = Messenger.builder("server").listen(endpoint).build();
        Messenger client = Messenger.builder("client").build()) {
      Subscriber.Simple<String> slow =
          value -> {
            goOn.get(20, SECONDS);
            received.incrementAndGet();
            if (value.equals("last")) {
              last.complete(null);
            }
          };
      client
          .connect(endpoint)
          .subscribe("news", String.class, OverflowPolicy.BLOCK, slow)
          .get(5, SECONDS);

      int published = 0;
      CompletableFuture<Void> publish;
      do {
        publish = server.publish("news", "n");
        published++;
      } while (published < 1_000 || becomesDone(publish));
      assertThat(publish).isNotDone();
      goOn.complete(null);
      publish.get(10, SECONDS);
      server.publish("news", "last").get(5, SECONDS);
      last.get(10, SECONDS);

      assertThat(received.get()).isEqualTo(published + 1);
    }
  }

  private static boolean becomesDone(CompletableFuture<Void> publish) throws Exception {
    try {
      publish.get(200, java.util.concurrent.TimeUnit.MILLISECONDS);
      return true;
    } catch (java.util.concurrent.TimeoutException e) {
      return false;
    }
  }

  @Test
  void strongerNeedIsMetByTheSamePathWhereItCan() throws Exception {
    try (Messenger server = serve("answer");
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint);
      Remote strict = remote.with(Requirements.security(io.carrick.SecurityLevel.MUTUAL));

      assertThat(remote.request("ask", "?", String.class).get(5, SECONDS)).isEqualTo("answer");
      assertThat(strict.request("ask", "?", String.class).get(5, SECONDS)).isEqualTo("answer");

      assertThat(server.peers()).hasSize(1);
    }
  }
}
