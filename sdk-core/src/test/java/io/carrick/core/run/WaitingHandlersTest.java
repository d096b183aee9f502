package io.carrick.core.run;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallOptions;
import io.carrick.Handler;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.core.Collecting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers and continuations that wait do not use up what would wake them. */
@Timeout(60)
class WaitingHandlersTest {

  private static final CallOptions WITHIN_20_S =
      CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(20));

  private final String back = "memory:" + UUID.randomUUID();
  private final String backToo = "memory:" + UUID.randomUUID();
  private final String front = "memory:" + UUID.randomUUID();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Messenger behind;

  @BeforeEach
  void serve() {
    behind = open(Messenger.builder("back").listen(back).listen(backToo));
    behind.handle("echo", String.class, text -> text);
    behind.handleStream("items", String.class, text -> oneItem(text));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private Messenger open(Messenger.Builder builder) {
    Messenger messenger = builder.build();
    opened.add(messenger);
    return messenger;
  }

  private static Flow.Publisher<String> oneItem(String text) {
    SubmissionPublisher<String> items = new SubmissionPublisher<>(Runnable::run, 8);
    return subscriber -> {
      items.subscribe(subscriber);
      items.submit(text);
      items.close();
    };
  }

  private ExecutorService oneThread() {
    ExecutorService one =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "only");
              thread.setDaemon(true);
              return thread;
            });
    opened.add(one::shutdownNow);
    return one;
  }

  /** Serves this at a node whose handlers have one thread, and asks it. */
  private String ask(Waiting waiting) throws Exception {
    Messenger node = open(Messenger.builder("front").listen(front).handlerExecutor(oneThread()));
    Remote there = node.connect(back, backToo).with(WITHIN_20_S);
    Handler<String, String> handler = (text, call) -> waiting.answer(there, text);
    node.handle("ask", String.class, handler);
    Remote remote = open(Messenger.builder("client")).connect(front).with(WITHIN_20_S);
    return remote.request("ask", "x", String.class).get(20, SECONDS);
  }

  private interface Waiting {
    String answer(Remote remote, String text) throws Exception;
  }

  @Test
  void theOnlyThreadWaitsForAContinuation() throws Exception {
    assertThat(
            ask(
                (remote, text) ->
                    remote.request("echo", text, String.class).thenApply(r -> r + "!").join()))
        .isEqualTo("x!");
  }

  @Test
  void theOnlyThreadWaitsForASession() throws Exception {
    assertThat(ask((remote, text) -> remote.connect().thenApply(v -> "connected").get(10, SECONDS)))
        .isEqualTo("connected");
  }

  @Test
  void theOnlyThreadWaitsForAMove() throws Exception {
    assertThat(
            ask(
                (remote, text) -> {
                  remote.connect().join();
                  return remote.move().thenApply(v -> "moved").get(10, SECONDS);
                }))
        .isEqualTo("moved");
  }

  @Test
  void theOnlyThreadWaitsForAStream() throws Exception {
    assertThat(
            ask(
                (remote, text) ->
                    Collecting.all(remote.stream("items", text, String.class))
                        .get(10, SECONDS)
                        .toString()))
        .isEqualTo("[x]");
  }

  @Test
  void theOnlyThreadWaitsForAMessage() throws Exception {
    assertThat(
            ask(
                (remote, text) -> {
                  CompletableFuture<String> message = new CompletableFuture<>();
                  remote.subscribe("news", String.class, message::complete).get(10, SECONDS);
                  behind.publish("news", "told").get(10, SECONDS);
                  return message.get(10, SECONDS);
                }))
        .isEqualTo("told");
  }

  @Test
  void asManyHandlersAsThereAreThreadsWaitForContinuations() throws Exception {
    int half = HandlerPool.MAX_HANDLERS / 2;
    Messenger node = open(Messenger.builder("front").listen(front));
    Remote there = node.connect(back).with(WITHIN_20_S);
    CountDownLatch together = new CountDownLatch(2 * half);
    Handler<String, String> handler =
        (text, call) -> {
          together.countDown();
          together.await(10, SECONDS);
          return there.request("echo", text, String.class).thenApply(reply -> reply + "!").join();
        };
    node.handle("a", String.class, handler);
    node.handle("b", String.class, handler);
    Remote remote = open(Messenger.builder("client")).connect(front).with(WITHIN_20_S);

    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < half; i++) {
      calls.add(remote.request("a", "x", String.class));
      calls.add(remote.request("b", "x", String.class));
    }

    for (CompletableFuture<String> call : calls) {
      assertThat(call.get(20, SECONDS)).isEqualTo("x!");
    }
    assertThat(remote.request("a", "y", String.class).get(10, SECONDS)).isEqualTo("y!");
  }

  @Test
  void anExecutorThatRunsInPlaceDoesNotLetAHandlerBlockTheReader() {
    assertThatThrownBy(() -> askInPlace().get(20, SECONDS))
        .hasMessageContaining("IllegalStateException");
  }

  private CompletableFuture<String> askInPlace() {
    Messenger node = open(Messenger.builder("front").listen(front).handlerExecutor(Runnable::run));
    Remote there = node.connect(back).with(WITHIN_20_S);
    there.connect().join();
    CompletableFuture<String> never = new CompletableFuture<>(); // Or it might be there at once.
    opened.add(() -> never.cancel(true));
    behind.handleAsync("later", String.class, text -> never);
    Handler<String, String> handler =
        (text, call) -> there.request("later", text, String.class).thenApply(r -> r + "!").join();
    node.handle("ask", String.class, handler);
    return open(Messenger.builder("client"))
        .connect(front)
        .with(WITHIN_20_S)
        .request("ask", "x", String.class);
  }

  @Test
  void continuationsOfTheFirstSessionMayUseIt() throws Exception {
    Remote remote = open(Messenger.builder("client")).connect(back).with(WITHIN_20_S);

    CompletableFuture<String> reply =
        remote.connect().thenApply(v -> remote.request("echo", "x", String.class).join());

    assertThat(reply.get(10, SECONDS)).isEqualTo("x");
  }

  @Test
  void continuationsOfASubscriptionMayWaitForItsMessages() throws Exception {
    Remote remote = open(Messenger.builder("client")).connect(back).with(WITHIN_20_S);
    CompletableFuture<String> message = new CompletableFuture<>();

    CompletableFuture<String> told =
        remote
            .subscribe("news", String.class, message::complete)
            .thenApply(
                registration -> {
                  behind.publish("news", "told");
                  return message.orTimeout(10, SECONDS).join();
                });

    assertThat(told.get(15, SECONDS)).isEqualTo("told");
  }

  @Test
  void continuationsOfAPeersMoveDoNotRunOnTheTransportsThread() throws Exception {
    Remote remote = open(Messenger.builder("client")).connect(back, backToo);
    remote.connect().get(10, SECONDS);
    Remote peer = behind.peers().get(0).with(WITHIN_20_S);

    CompletableFuture<String> where = peer.move().thenApply(v -> Thread.currentThread().getName());

    assertThat(where.get(15, SECONDS)).startsWith("carrick-callback-");
  }
}
