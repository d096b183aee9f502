package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.HandlerOptions;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The numbers in the Javadoc of Remote that need many calls or events, in its order. */
@Timeout(60)
class RemoteBoundsPageTest {

  private static final int WAITING_CONTINUATIONS = 896;
  private static final int WAITING_EVENTS = 256;

  @TempDir Path directory;
  private final Semantics.Gate gate = new Semantics.Gate();
  private Messenger server;
  private Messenger client;
  private Remote remote;

  @BeforeEach
  void open() {
    server =
        Messenger.builder("server")
            .listen("unix:" + directory.resolve("a"))
            .listen("unix:" + directory.resolve("b"))
            .build();
    client = Messenger.builder("client").build();
    remote =
        client
            .connect(server.endpoints().get(0), server.endpoints().get(1))
            .with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(50)));
  }

  @AfterEach
  void close() {
    gate.open();
    client.close();
    server.close();
  }

  @Test
  void continuationsMayWaitForOthers896AtATimeAndWithoutBoundOnVirtualThreads() {
    CompletableFuture<String> reply = new CompletableFuture<>();
    server.handleAsync("later", String.class, (text, call) -> reply);
    // Another continuation, which needs a thread of callbacks, too.
    CompletableFuture<String> later =
        remote.request("later", "x", String.class).thenApply(text -> text);
    AtomicInteger waiting = new AtomicInteger();
    CompletableFuture<String> go = new CompletableFuture<>();
    server
        .with(HandlerOptions.DEFAULT.withConcurrency(WAITING_CONTINUATIONS))
        .handleAsync("many", String.class, (text, call) -> go);
    CompletableFuture<String> goOn = new CompletableFuture<>();
    server.handleAsync("one", String.class, (text, call) -> goOn);
    List<CompletableFuture<String>> continued = new ArrayList<>();
    for (int i = 0; i < WAITING_CONTINUATIONS; i++) {
      continued.add(joins("many", later, waiting));
    }
    CompletableFuture<String> oneMore = joins("one", later, waiting);
    go.complete("go");
    Await.until(
        () -> waiting + " wait",
        Duration.ofSeconds(30),
        () -> waiting.get() == WAITING_CONTINUATIONS);

    goOn.complete("go");

    if (Runtime.version().feature() < 21) {
      assertThat(Await.failure(oneMore, Await.LONG_ENOUGH))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("896");
    } else {
      Await.until("it waits, too", () -> waiting.get() == WAITING_CONTINUATIONS + 1);
      continued.add(oneMore);
    }
    reply.complete("done");
    continued.forEach(each -> assertThat(Await.result(each)).isEqualTo("done"));
  }

  /** A continuation that is attached before its call has a reply, so that it is a callback. */
  private CompletableFuture<String> joins(
      String topic, CompletableFuture<String> later, AtomicInteger waiting) {
    return remote
        .request(topic, "x", String.class)
        .thenApply(
            reply -> {
              waiting.incrementAndGet();
              return later.join();
            });
  }

  @Test
  void aSlowListenerMissesTheOldestEventsBeyond256() {
    List<PathEvent> events = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> slow = new CompletableFuture<>();
    Await.result(remote.connect());
    remote.onPathEvent(
        event -> {
          slow.complete(null);
          gate.pass();
          events.add(event);
        });
    Await.result(remote.move());
    Await.result(slow);
    String last = "";
    for (int i = 0; i < 2 * WAITING_EVENTS; i++) {
      Await.result(remote.move());
      last = remote.explain().chosen().orElseThrow();
    }

    gate.open();

    String to = last;
    Await.until(
        () -> events.size() + " events",
        Await.LONG_ENOUGH,
        () -> events.size() > WAITING_EVENTS && events.get(events.size() - 1).to().equals(to));
    assertThat(events).hasSize(WAITING_EVENTS + 1);
  }
}
