package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Javadoc of Messenger.Builder, in its order. The authorizer and interceptors are in
 * AccessSemanticsTest, the floor in FloorMatrixTest, the limits of peers in PeerLimitsTest, TLS in
 * TlsNeedsTest, tokens in TokensTest and GrpcTokensTest, samePrincipal in FallingRightsTest, times
 * to connect, spreads and what is advertised in SelectionPageTest.
 */
@OverEachTransport
final class BuilderPageTest extends Semantics {

  private static final int DEFAULT_BYTES = 4 << 20;

  BuilderPageTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void aNameHas1To63LowerCaseLettersDigitsAndHyphens() {
    for (String good : List.of("a", "0", "a-", "a".repeat(63))) {
      Messenger.builder(good);
    }
    for (String bad : List.of("", "-a", "A", "a_b", "a.b", "a".repeat(64))) {
      assertThatThrownBy(() -> Messenger.builder(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + bad + "\"")
          .hasMessageContaining("[a-z0-9][a-z0-9-]{0,62}");
    }
  }

  private static void refused(
      String message, Function<Messenger.Builder, Messenger.Builder> setting) {
    assertThatThrownBy(() -> setting.apply(Messenger.builder("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void settingsOutOfTheirRangeAreRefused() {
    Messenger.builder("a")
        .maxMessageBytes(1 << 10)
        .maxMessageBytes(1 << 30)
        .bufferBudget(16 << 20)
        .connectTimeout(Duration.ofMillis(10))
        .connectTimeout(Duration.ofMinutes(5))
        .resumeTime(Duration.ZERO)
        .resumeTime(Duration.ofHours(1))
        .resumeSpread(Duration.ZERO);

    refused("maxMessageBytes 1023", b -> b.maxMessageBytes(1_023));
    refused("maxMessageBytes 1073741825", b -> b.maxMessageBytes((1 << 30) + 1));
    refused("bufferBudget 16777215", b -> b.bufferBudget((16 << 20) - 1));
    refused("connectTimeout PT0.009S", b -> b.connectTimeout(Duration.ofMillis(9)));
    refused("connectTimeout PT5M0.001S", b -> b.connectTimeout(Duration.ofMillis(300_001)));
    refused("resumeTime PT-0.001S", b -> b.resumeTime(Duration.ofMillis(-1)));
    refused("resumeTime PT1H0.001S", b -> b.resumeTime(Duration.ofMillis(3_600_001)));
    refused("resumeSpread PT-0.001S", b -> b.resumeSpread(Duration.ofMillis(-1)));
    refused("at most 255 bytes", b -> b.advertise("unix:/" + "a".repeat(250)));
    refused(
        "at most 8 endpoints",
        b -> {
          IntStream.range(0, 9).forEach(i -> b.advertise("grpc://10.0.0." + i + ":1"));
          return b;
        });
  }

  @Test
  void theExecutorThatWasGivenRunsHandlersAndIsNotShutDown() {
    ExecutorService one = Executors.newSingleThreadExecutor(task -> new Thread(task, "given"));
    try {
      restart(b -> b.handlerExecutor(one), b -> b);
      server.handle("thread", String.class, text -> Thread.currentThread().getName());
      CompletableFuture<String> continued = new CompletableFuture<>();
      client.handle(
          "back",
          String.class,
          text -> {
            gate.pass();
            return text;
          });
      server.handle(
          "continues",
          String.class,
          (String text, Call call) -> {
            CompletableFuture<String> back =
                call.peer()
                    .request("back", text, String.class)
                    .thenApply(
                        reply -> {
                          continued.complete(Thread.currentThread().getName());
                          return reply;
                        });
            // Not before: what is attached to a future that has completed runs where it is
            // attached.
            gate.open();
            return back.get(5, TimeUnit.SECONDS);
          });

      assertThat(await(remote.request("thread", "x", String.class))).isEqualTo("given");
      assertThat(await(remote.request("continues", "x", String.class))).isEqualTo("x");
      assertThat(await(continued)).startsWith("carrick-callback-");
      server.close();

      assertThat(one.isShutdown()).isFalse();
    } finally {
      one.shutdownNow();
    }
  }

  @Test
  void whereItRunsHandlersOnTheThreadThatCallsItAWaitInAHandlerThrows() {
    restart(b -> b.handlerExecutor(Runnable::run), b -> b);
    client.handle("back", String.class, text -> text);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    server.handle(
        "waits",
        String.class,
        (String text, Call call) -> {
          try {
            return call.peer().request("back", text, String.class).join();
          } catch (IllegalStateException e) {
            thrown.complete(e);
            throw e;
          }
        });

    Failures.in(remote.request("waits", "x", String.class), CallException.class);

    assertThat(await(thrown)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatItRefusesIsAnsweredResourceExhausted() {
    restart(
        b ->
            b.handlerExecutor(
                task -> {
                  throw new RejectedExecutionException("full");
                }),
        b -> b);
    server.handle("topic", String.class, text -> text);
    server.handleStream("topic", String.class, text -> Source.of(1, i -> text));
    server.handleSend("topic", String.class, text -> {});

    for (CompletableFuture<?> call :
        List.of(
            remote.request("topic", "x", String.class),
            remote.send("topic", "x"),
            Items.of(remote.stream("topic", "x", String.class)).end())) {
      Failures.check(
          Failures.in(call, OverloadedException.class),
          StatusCode.RESOURCE_EXHAUSTED,
          Delivered.NO,
          "no thread is free");
    }
  }

  @Test
  void theLargestMessageHas4MiBByDefault() {
    server.handle("length", byte[].class, bytes -> bytes.length);

    assertThat(await(remote.request("length", new byte[DEFAULT_BYTES], Integer.class)))
        .isEqualTo(DEFAULT_BYTES);
    Failures.check(
        Failures.in(
            remote.request("length", new byte[DEFAULT_BYTES + 1], Integer.class),
            OverloadedException.class),
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        "4194305",
        "4194304");
  }

  @ParameterizedTest(name = "at the server: {0}")
  @ValueSource(booleans = {false, true})
  void withAResumeTimeOf0ASessionEndsWithItsConnection(boolean atTheServer) {
    TestPath path = TestPath.over(transport, directory, "path", "client", "behind", 1);
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> reached = new CompletableFuture<>();
    CompletableFuture<String> reply = new CompletableFuture<>();
    Duration none = Duration.ZERO;
    try (path;
        Messenger service =
            TestTls.messenger("behind")
                .listen(path.listens())
                .resumeTime(atTheServer ? none : Duration.ofMinutes(1))
                .build();
        Messenger caller =
            TestTls.messenger("client")
                .resumeTime(atTheServer ? Duration.ofMinutes(1) : none)
                .build()) {
      service.handleAsync(
          "holds",
          String.class,
          (text, call) -> {
            call.onCancel(() -> cancelled.complete(null));
            reached.complete(null);
            return reply;
          });
      Remote there = caller.connect(path.dials());
      CompletableFuture<String> open = there.request("holds", "x", String.class);
      await(reached);

      path.clientKills();

      Failures.check(
          Failures.in(open, SessionLostException.class), StatusCode.UNAVAILABLE, Delivered.MAYBE);
      if (atTheServer) {
        await(cancelled);
      }
      await(there.connect());
      // Else the service waits for it when it closes.
      reply.complete("late");
    }
  }

  @Test
  void whatIsNoUriIsRefusedWhereItIsNamed() {
    for (String bad : List.of("", "nothing", "unix :/a b", "://")) {
      assertThatThrownBy(() -> Messenger.builder("a").listen(bad))
          .as(bad)
          .isInstanceOf(EndpointException.class);
      assertThatThrownBy(() -> Messenger.builder("a").advertise(bad))
          .as(bad)
          .isInstanceOf(EndpointException.class);
    }
  }

  @Test
  void whatCannotBeBoundLeavesNothingBound() {
    String free = transport.endpoint(directory.resolve("."));
    client.close();
    client = TestTls.messenger("taken").listen("unix:" + directory.resolve("taken")).build();
    String taken = "unix:" + directory.resolve("taken");
    String other = transport == TestTransport.UNIX ? "unix:" + directory.resolve("other") : free;

    for (String bad : List.of(taken, "carrier-pigeon://roof")) {
      assertThatThrownBy(() -> TestTls.messenger("a").listen(other).listen(bad).build())
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining(bad.substring(0, 4));
      TestTls.messenger("b").listen(other).build().close();
    }
    Await.until("it listens still", () -> !client.endpoints().isEmpty());
  }
}
