package io.carrick.core;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nodes that go away while they are called, and nothing but calls keeps their peers. */
@Timeout(60)
class DrainTest {

  private static final int THREADS = 4;
  private static final Duration ENOUGH = Duration.ofSeconds(20);

  private final String[] endpoints = {"memory:" + UUID.randomUUID(), "memory:" + UUID.randomUUID()};

  private static Messenger serve(String endpoint) {
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    server.handle("ask", String.class, text -> endpoint);
    return server;
  }

  @Test
  void noCallIsLostWhoeverDrainsWhenever() throws Exception {
    Messenger[] servers = {serve(endpoints[0]), serve(endpoints[1])};
    AtomicBoolean enough = new AtomicBoolean();
    List<CompletableFuture<Integer>> callers = new ArrayList<>();
    // The JDK's common pool has one thread on two cores: the second caller would never begin.
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoints[0], endpoints[1]);
      for (int i = 0; i < THREADS; i++) {
        callers.add(CompletableFuture.supplyAsync(() -> callUntil(enough, remote), threads));
      }
      for (int i = 0; i < 20; i++) {
        remote.request("ask", "?", String.class).get(20, SECONDS);
        servers[i % 2].drain(ENOUGH).get(25, SECONDS);
        servers[i % 2] = serve(endpoints[i % 2]);
      }
      enough.set(true);
      for (CompletableFuture<Integer> caller : callers) {
        assertThat(caller.get(25, SECONDS)).isPositive();
      }
    } finally {
      threads.shutdownNow();
      servers[0].close();
      servers[1].close();
    }
  }

  private static int callUntil(AtomicBoolean enough, Remote remote) {
    int calls = 0;
    while (!enough.get()) {
      remote.request("ask", "?", String.class).join();
      calls++;
    }
    return calls;
  }

  @Test
  void subscriptionsGoOnAtTheOtherInstance() throws Exception {
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
    try (Messenger client = Messenger.builder("client").build();
        Messenger first = serve(endpoints[0]);
        Messenger second = serve(endpoints[1])) {
      Remote remote = client.connect(endpoints[0], endpoints[1]);
      remote.subscribe("news", String.class, subscriber).get(5, SECONDS);
      first.publish("news", "one").get(5, SECONDS);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("one");

      first.drain(ENOUGH).get(25, SECONDS);

      assertThat(seen.poll(20, SECONDS)).isEqualTo("gap -1");
      second.publish("news", "two").get(5, SECONDS);
      assertThat(seen.poll(5, SECONDS)).isEqualTo("two");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void drainEndsWhenItsTimeIsOver() throws Exception {
    try (Messenger client = Messenger.builder("client").build();
        Messenger server = Messenger.builder("server").listen(endpoints[0]).build()) {
      CompletableFuture<Void> called = new CompletableFuture<>();
      server.handleAsync(
          "never",
          String.class,
          (text, call) -> {
            called.complete(null);
            return new CompletableFuture<String>();
          });
      CompletableFuture<String> never =
          client.connect(endpoints[0]).request("never", "?", String.class);
      called.get(5, SECONDS);

      server.drain(Duration.ofMillis(100)).get(20, SECONDS);

      assertThat(never).failsWithin(Duration.ofSeconds(5));
    }
  }

  /** A handler of one-way messages that takes 50 ms for each. */
  private static void slowly(Messenger server, AtomicInteger handled, AtomicInteger interrupted) {
    server
        .with(HandlerOptions.DEFAULT.withConcurrency(1))
        .handleSend(
            "job",
            String.class,
            job -> {
              try {
                new CountDownLatch(1).await(50, MILLISECONDS);
                handled.incrementAndGet();
              } catch (InterruptedException e) {
                interrupted.incrementAndGet();
              }
            });
  }

  @Test
  void messagesThatWereAcceptedAreHandledBeforeItIsClosed() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    try (Messenger client = Messenger.builder("client").build();
        Messenger server = serve(endpoints[0])) {
      slowly(server, handled, interrupted);
      Remote remote = client.connect(endpoints[0]);
      for (int i = 0; i < 20; i++) {
        remote.send("job", "job " + i).get(5, SECONDS);
      }

      server.drain(ENOUGH).get(25, SECONDS);

      assertThat(handled).hasValue(20);
      assertThat(interrupted).hasValue(0);
    }
  }

  @Test
  void whatWasAcceptedIsHandledAlsoWhenANodeCloses() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    try (Messenger client = Messenger.builder("client").build()) {
      Messenger server = serve(endpoints[0]);
      slowly(server, handled, interrupted);
      server.subscribe("news", String.class, text -> handled.incrementAndGet());
      Remote remote = client.connect(endpoints[0]);
      for (int i = 0; i < 20; i++) {
        remote.send("job", "job " + i).get(5, SECONDS);
        remote.publish("news", "news " + i).get(5, SECONDS);
      }

      server.close();

      assertThat(handled).hasValue(40);
      assertThat(interrupted).hasValue(0);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aHandlerThatNeverEndsKeepsItForTheTimeThatItWasGiven() throws Exception {
    CompletableFuture<Void> interrupted = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    try (Messenger client = Messenger.builder("client").build();
        Messenger server = serve(endpoints[0])) {
      server.handleSend(
          "job",
          String.class,
          job -> {
            try {
              begun.countDown();
              new CountDownLatch(1).await(30, SECONDS);
            } catch (InterruptedException e) {
              interrupted.complete(null);
            }
          });
      client.connect(endpoints[0]).send("job", "never").get(5, SECONDS);
      assertThat(begun.await(5, SECONDS)).isTrue();

      server.drain(Duration.ofMillis(200)).get(15, SECONDS);

      interrupted.get(5, SECONDS);
    }
  }

  @Test
  void aSlowSubscriberElsewhereGetsWhatWasPublishedBefore() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (Messenger client = Messenger.builder("client").build();
        Messenger server = serve(endpoints[0])) {
      Remote remote = client.connect(endpoints[0]);
      remote
          .subscribe(
              "news",
              String.class,
              text -> {
                new CountDownLatch(1).await(20, MILLISECONDS);
                seen.add(text);
              })
          .get(5, SECONDS);
      for (int i = 0; i < 40; i++) {
        server.publish("news", "news " + i).get(5, SECONDS);
      }

      server.drain(ENOUGH).get(25, SECONDS);

      for (int i = 0; i < 40; i++) {
        assertThat(seen.poll(5, SECONDS)).isEqualTo("news " + i);
      }
    }
  }

  @Test
  void aNodeThatDialledDrainsAsOneThatListens() throws Exception {
    CompletableFuture<Void> called = new CompletableFuture<>();
    CompletableFuture<String> answer = new CompletableFuture<>();
    try (Messenger hub = serve(endpoints[0]);
        Messenger worker = Messenger.builder("worker").build()) {
      worker.handleAsync(
          "work",
          String.class,
          (text, call) -> {
            called.complete(null);
            return answer;
          });
      worker.connect(endpoints[0]).connect().get(5, SECONDS);
      Remote back = hub.peers().get(0);
      CompletableFuture<String> first = back.request("work", "?", String.class);
      called.get(5, SECONDS);

      CompletableFuture<Void> drained = worker.drain(ENOUGH);
      MessagingException refused = refusal(back);
      boolean before = drained.isDone();
      answer.complete("done");

      assertThat(first.get(5, SECONDS)).isEqualTo("done");
      assertThat(before).as("it waited for what its peer had called").isFalse();
      assertThat(refused).hasMessageContaining("worker goes away");
      assertThat(refused.delivered()).isEqualTo(Delivered.NO);
      drained.get(25, SECONDS);
    }
  }

  /** Calls until the peer has heard that the worker goes away. */
  private static MessagingException refusal(Remote back) throws Exception {
    for (int i = 0; i < 1_000; i++) {
      try {
        back.request("unknown", "?", String.class).get(5, SECONDS);
      } catch (ExecutionException e) {
        MessagingException failure = (MessagingException) e.getCause();
        if (failure instanceof SessionLostException) {
          return failure;
        }
      }
    }
    throw new AssertionError("the peer goes on calling");
  }
}
