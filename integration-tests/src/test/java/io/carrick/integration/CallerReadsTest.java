package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.HandlerOptions;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A caller that waits for one call after the other reads its connection itself (F13). */
@Timeout(60)
final class CallerReadsTest {

  private static final int CALLS = 200;
  private static final int ROUNDS = 200;
  private static final AtomicInteger NEXT = new AtomicInteger();

  @TempDir Path directory;

  private final String name = "caller-reads-" + NEXT.incrementAndGet();
  private final CompletableFuture<Void> slow = new CompletableFuture<>();
  private final AtomicInteger asked = new AtomicInteger();
  private String endpoint = "";
  private Messenger server;
  private Messenger client;
  private Remote remote;

  @BeforeEach
  void open() {
    endpoint = "unix:" + directory.resolve("server.sock");
    server = serve();
    client = Messenger.builder(name).build();
    remote = client.connect(FaultyTransports.faulty(endpoint));
    remote.connect().join();
  }

  private Messenger serve() {
    Messenger messenger = Messenger.builder("server").listen(endpoint).build();
    messenger.with(HandlerOptions.nonBlocking()).handle("echo", String.class, text -> text);
    messenger.handleAsync(
        "slow",
        String.class,
        (text, call) -> {
          asked.incrementAndGet();
          return slow.thenApply(now -> text);
        });
    return messenger;
  }

  @AfterEach
  void close() {
    slow.complete(null);
    client.close();
    server.close();
  }

  private static void call(Remote remote, int calls) {
    for (int i = 0; i < calls; i++) {
      assertThat(remote.request("echo", "x" + i, String.class).join()).isEqualTo("x" + i);
    }
  }

  /** How many frames this thread has read, of how many. */
  private long[] readHere() {
    Map<Thread, Long> readers =
        Faults.of(name).at(FaultyTransports.faulty(endpoint)).get(0).readers();
    long all = readers.values().stream().mapToLong(Long::longValue).sum();
    return new long[] {readers.getOrDefault(Thread.currentThread(), 0L), all};
  }

  @Test
  void callsInARowAreReadByTheThreadThatWaitsAndNoOther() {
    int round = 0;
    long others = 1;
    // A thread that was not scheduled in time begins again with calls that it does not read.
    for (; others > 0 && round < ROUNDS; round++) {
      long[] before = readHere();
      call(remote, CALLS);
      long[] after = readHere();
      others = after[1] - after[0] - (before[1] - before[0]);
    }

    System.out.printf("round %d: no frame of %d calls was read by another%n", round, CALLS);
    assertThat(others).as("frames that others read in the last round").isZero();
  }

  @Test
  void aSingleCallIsReadByTheTransport() {
    call(remote, 10);

    assertThat(readHere()[0]).isZero();
  }

  @Test
  void nobodyReadsWhereHandlersRunInPlace() {
    client.with(HandlerOptions.nonBlocking()).handle("mine", String.class, text -> text);

    call(remote, 200);

    assertThat(readHere()[0]).isZero();
  }

  @Test
  void nobodyReadsWhileOthersWaitToo() {
    CompletableFuture<String> other = remote.request("slow", "y", String.class);

    call(remote, 200);

    assertThat(readHere()[0]).isZero();
    slow.complete(null);
    assertThat(Await.result(other)).isEqualTo("y");
  }

  @Test
  void aCallerReadsNoLongerThanAMillisecondAndThenWaits() {
    call(remote, 200);
    CompletableFuture<String> late =
        CompletableFuture.supplyAsync(
            () -> {
              call(remote, 50);
              return remote.request("slow", "y", String.class).join();
            });
    Await.until("it waits", () -> asked.get() == 1);
    // The loop has the connection again: what comes for others is read.
    assertThat(Await.result(remote.request("echo", "z", String.class))).isEqualTo("z");

    slow.complete(null);

    assertThat(Await.result(late)).isEqualTo("y");
  }

  @Test
  void whatCallersSeeIsRightInAnyMixtureOfCallsWaitsAndInterrupts() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    var threads = Executors.newFixedThreadPool(4);
    for (int t = 0; t < 4; t++) {
      Random random = new Random(seed + t);
      all.add(CompletableFuture.runAsync(() -> mixture(random), threads));
    }
    for (CompletableFuture<Void> one : all) {
      one.get(50, TimeUnit.SECONDS);
    }
    threads.shutdown();
  }

  private void mixture(Random random) {
    List<CompletableFuture<Void>> later = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      String text = "m" + i;
      CompletableFuture<String> reply = remote.request("echo", text, String.class);
      switch (random.nextInt(10)) {
        case 0 -> later.add(reply.thenAccept(got -> assertThat(got).isEqualTo(text)));
        case 1 -> reply.cancel(true);
        case 2 -> {
          Thread.currentThread().interrupt();
          assertThat(reply.join()).isEqualTo(text);
          assertThat(Thread.interrupted()).isTrue();
        }
        case 3 -> withTimeout(reply, text);
        case 4 -> call(remote, 40);
        default -> assertThat(reply.join()).isEqualTo(text);
      }
    }
    later.forEach(Await::result);
  }

  private static void withTimeout(CompletableFuture<String> reply, String text) {
    try {
      assertThat(reply.get(50, TimeUnit.MICROSECONDS)).isEqualTo(text);
    } catch (TimeoutException e) {
      assertThat(reply.join()).isEqualTo(text);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCallerThatReadsSurvivesTheDeathOfItsConnections() {
    String path = FaultyTransports.faulty(endpoint);
    AtomicInteger done = new AtomicInteger();
    CompletableFuture<Void> calls =
        CompletableFuture.runAsync(
            () -> {
              while (done.get() < 3_000) {
                call(remote, 1);
                done.incrementAndGet();
              }
            });
    for (int i = 1; i <= 10; i++) {
      int until = i * 250;
      Await.until("calls go on", () -> done.get() > until || calls.isDone());
      Faults.of(name).kill(path);
    }

    assertThat(calls).succeedsWithin(Duration.ofSeconds(30));
  }

  @Test
  void aCallerThatReadsIsToldOfTheEndOfItsSession() {
    CompletableFuture<Void> calls =
        CompletableFuture.runAsync(
            () -> {
              while (true) {
                call(remote, 1);
              }
            });
    Await.until("it reads", () -> !Faults.of(name).at(FaultyTransports.faulty(endpoint)).isEmpty());

    client.close();

    Throwable failure = Await.failure(calls, Duration.ofSeconds(15));
    assertThat(failure).isInstanceOf(MessagingException.class);
  }
}
