package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of HandlerOptions, in its order. That callers do not read where a handler runs in
 * place is in CallerReadsTest, that full queues refuse calls of each pattern in ErrorsPageTest.
 */
@OverEachTransport
final class HandlerOptionsPageTest extends Semantics {

  private static final HandlerOptions ONE =
      HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(0);
  private static final int OPEN_STREAMS = 1_024;

  HandlerOptionsPageTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void whileANonBlockingHandlerRunsNothingElseOfItsConnectionIsRead() {
    CompletableFuture<Void> runs = new CompletableFuture<>();
    server.handle("echo", String.class, text -> text);
    server
        .with(HandlerOptions.nonBlocking())
        .handle(
            "holds",
            String.class,
            text -> {
              runs.complete(null);
              gate.pass();
              return text;
            });
    await(remote.connect());
    CompletableFuture<String> holds = remote.request("holds", "x", String.class);
    await(runs);

    CompletableFuture<String> behind = remote.request("echo", "y", String.class);

    assertThatThrownBy(() -> behind.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    gate.open();
    assertThat(await(holds)).isEqualTo("x");
    assertThat(await(behind)).isEqualTo("y");
  }

  @Test
  void aBlockingCallOfCarrickMadeFromItFails() throws IOException {
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    // A result that is there needs no waiting.
    CompletableFuture<String> later = new CompletableFuture<>();
    client.handleAsync("back", String.class, text -> later);
    ServerSocket silence = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Remote silent = server.connect("grpc://127.0.0.1:" + silence.getLocalPort());
    server
        .with(HandlerOptions.nonBlocking())
        .handle(
            "calls",
            String.class,
            (String text, Call call) -> {
              Remote back = call.peer();
              for (Waiting waiting :
                  List.<Waiting>of(
                      () -> back.request("back", text, String.class).join(),
                      () -> back.request("back", text, String.class).get(),
                      () -> back.request("back", text, String.class).get(1, TimeUnit.SECONDS),
                      () -> silent.send("back", text).join(),
                      () -> silent.connect().join())) {
                try {
                  waiting.await();
                } catch (Throwable e) {
                  thrown.add(e);
                }
              }
              return "done";
            });

    try (silence) {
      assertThat(await(remote.request("calls", "x", String.class))).isEqualTo("done");
    }
    later.complete("late");

    assertThat(thrown).hasSize(5).allMatch(e -> e instanceof IllegalStateException);
  }

  private interface Waiting {
    void await() throws Exception;
  }

  @Test
  void concurrencyIs1To65536AndWaiting0To65536() {
    HandlerOptions options = HandlerOptions.DEFAULT;
    assertThat(options.withConcurrency(1).withConcurrency(65_536).concurrency()).isEqualTo(65_536);
    assertThat(options.withWaiting(0).withWaiting(65_536).waiting()).isEqualTo(65_536);

    for (int bad : new int[] {0, -1, 65_537}) {
      assertThatThrownBy(() -> options.withConcurrency(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("concurrency " + bad + " must be 1 to 65536");
    }
    for (int bad : new int[] {-1, 65_537}) {
      assertThatThrownBy(() -> options.withWaiting(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("waiting " + bad + " must be 0 to 65536");
    }
  }

  @Test
  void byDefault256RunAnd256Wait() {
    AtomicInteger running = new AtomicInteger();
    server.handle(
        "holds",
        String.class,
        text -> {
          running.incrementAndGet();
          gate.pass();
          return text;
        });
    List<CompletableFuture<String>> taken = new ArrayList<>();
    for (int i = 0; i < 512; i++) {
      taken.add(remote.request("holds", "x", String.class));
    }

    Failures.check(
        Failures.in(remote.request("holds", "x", String.class), OverloadedException.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "256 calls running and 256 waiting");
    Await.until(() -> running + " run", Await.LONG_ENOUGH, () -> running.get() == 256);
    assertThat(taken).noneMatch(CompletableFuture::isDone);
    gate.open();
    taken.forEach(call -> assertThat(await(call)).isEqualTo("x"));
  }

  @Test
  void aRequestRunsUntilItsReplyIsThereAlsoWhereThatComesLater() {
    CompletableFuture<String> later = new CompletableFuture<>();
    server.with(ONE).handleAsync("later", String.class, (text, call) -> later);

    assertOneAtATime(later, "1 calls running and 0 waiting");
  }

  @Test
  void nothingWaitsForAHandlerThatIsNonBlocking() {
    CompletableFuture<String> later = new CompletableFuture<>();
    server
        .with(HandlerOptions.nonBlocking().withConcurrency(1))
        .handleAsync("later", String.class, (text, call) -> later);

    assertOneAtATime(later, "1 calls running, and none may wait");
  }

  private void assertOneAtATime(CompletableFuture<String> later, String refusal) {
    CompletableFuture<String> first = remote.request("later", "x", String.class);

    Failures.check(
        Failures.in(remote.request("later", "x", String.class), OverloadedException.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        refusal);
    later.complete("reply");
    assertThat(await(first)).isEqualTo("reply");
    Await.until(
        "there is room again",
        () ->
            remote
                .request("later", "x", String.class)
                .handle((reply, failure) -> failure == null)
                .join());
  }

  @Test
  void aStreamOrAChannelRunsUntilItsHandlerHasReturnedAPublisher() {
    Handlers one = server.with(ONE);
    one.handleStream("numbers", String.class, text -> Source.endless());
    one.handleChannel("numbers", String.class, (values, call) -> Source.endless());
    List<Items<Long>> open = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Items<Long> stream = Items.asking(1);
      remote.stream("numbers", "x", Long.class).subscribe(stream);
      stream.awaitCount(1);
      Items<Long> channel = Items.asking(1);
      remote.channel("numbers", Source.<String>silent(), Long.class).subscribe(channel);
      channel.awaitCount(1);
      open.addAll(List.of(stream, channel));
    }

    assertThat(open).noneMatch(Items::ended);
    open.forEach(Items::cancel);
  }

  @Test
  void openOnesAreBoundedForEachSessionTo1024() {
    Handlers patient = server.with(HandlerOptions.DEFAULT.withWaiting(OPEN_STREAMS));
    patient.handleStream("numbers", String.class, text -> Source.endless());
    List<Items<Long>> open = new ArrayList<>();
    for (int i = 0; i < OPEN_STREAMS; i++) {
      Items<Long> items = Items.asking(1);
      remote.stream("numbers", "x", Long.class).subscribe(items);
      open.add(items);
    }
    open.forEach(items -> items.awaitCount(1));

    Remote hasty = remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(300)));
    Failures.check(
        Items.of(hasty.stream("numbers", "x", Long.class)).failure(DeadlineExceededException.class),
        StatusCode.DEADLINE_EXCEEDED,
        Delivered.NO);
    try (Messenger another = TestTls.messenger("another").build()) {
      Items<Long> items = Items.asking(1);
      another.connect(endpoint).stream("numbers", "x", Long.class).subscribe(items);
      items.awaitCount(1);
      items.cancel();
    }
    Items<Long> next = Items.asking(1);
    remote.stream("numbers", "x", Long.class).subscribe(next);
    open.get(0).cancel();
    next.awaitCount(1);
    open.forEach(Items::cancel);
    next.cancel();
  }

  @Test
  void aPublishForWhichASubscriptionOfTheNodeHasNoPlaceIsRefused() {
    server.with(ONE).subscribe("news", String.class, text -> gate.pass());
    await(remote.publish("news", "first"));

    Failures.check(
        Failures.in(remote.publish("news", "second"), OverloadedException.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "1 calls running and 0 waiting");
  }
}
