package io.carrick.core.call;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import io.carrick.core.run.CarrickThreads;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CallFutureTest {

  private final InMemoryPair pair = Messenger.inMemory();
  private final CompletableFuture<String> answer = new CompletableFuture<>();

  @BeforeEach
  void serve() {
    pair.server().handleAsync("slow", String.class, (text, call) -> answer);
    pair.server().handle("echo", String.class, text -> text);
  }

  @AfterEach
  void close() {
    answer.complete("the end");
    pair.close();
  }

  @Test
  void dependentsRunOnTheHandlerExecutor() throws Exception {
    CompletableFuture<Boolean> where =
        pair.remote()
            .request("slow", "x", String.class)
            .thenApply(reply -> CarrickThreads.isCarrick() && !CarrickThreads.isReader());
    answer.complete("x");

    assertThat(where.get(5, SECONDS)).isTrue();
  }

  @Test
  void dependentsStayOffTheThreadThatWaits() throws Exception {
    CompletableFuture<String> call = pair.remote().request("slow", "x", String.class);
    CompletableFuture<Thread> where = call.thenApply(reply -> Thread.currentThread());
    CompletableFuture.delayedExecutor(50, MILLISECONDS).execute(() -> answer.complete("x"));

    assertThat(call.join()).isEqualTo("x");
    assertThat(where.get(5, SECONDS)).isNotSameAs(Thread.currentThread());
  }

  @Test
  void severalThreadsMayWaitForOneResult() throws Exception {
    CompletableFuture<String> call = pair.remote().request("slow", "x", String.class);
    List<CompletableFuture<String>> waits =
        IntStream.range(0, 4).mapToObj(i -> waiting(call)).toList();

    answer.complete("all");

    for (CompletableFuture<String> wait : waits) {
      assertThat(wait.get(5, SECONDS)).isEqualTo("all");
    }
  }

  private static CompletableFuture<String> waiting(CompletableFuture<String> call) {
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread thread = new Thread(() -> result.complete(call.join()), "waits");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  @Test
  void waitThatTimesOutLeavesTheCallAlone() throws Exception {
    CompletableFuture<String> call = pair.remote().request("slow", "x", String.class);

    assertThatThrownBy(() -> call.get(20, MILLISECONDS)).isInstanceOf(TimeoutException.class);
    answer.complete("late");

    assertThat(call.get(5, SECONDS)).isEqualTo("late");
  }

  @Test
  void orTimeoutCancelsTheCall() {
    CompletableFuture<String> call =
        pair.remote().request("slow", "x", String.class).orTimeout(20, MILLISECONDS);

    assertThatThrownBy(call::join).hasCauseInstanceOf(TimeoutException.class);
    assertThat(call.complete("other")).isFalse();
  }

  @Test
  void derivedFuturesAreGuardedOnTheReadingThread() {
    CompletableFuture<Integer> derived =
        pair.remote().request("slow", "x", String.class).thenApply(String::length);

    CarrickThreads.asReader(
        () ->
            assertThatThrownBy(derived::join)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nonBlocking()"));
  }

  @Test
  void chainsOfCallsDoNotHang() throws Exception {
    CompletableFuture<String> chain = pair.remote().request("echo", "0", String.class);
    for (int i = 1; i < 200; i++) {
      String next = Integer.toString(i);
      chain = chain.thenCompose(x -> pair.remote().request("echo", next, String.class));
    }

    assertThat(chain.get(10, SECONDS)).isEqualTo("199");
  }

  @Test
  void dependentsMayWaitForOtherCalls() throws Exception {
    List<CompletableFuture<String>> calls =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    pair.remote()
                        .request("echo", "a" + i, String.class)
                        .thenApply(
                            x -> x + pair.remote().request("echo", "b", String.class).join()))
            .toList();

    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).get(10, SECONDS)).isEqualTo("a" + i + "b");
    }
  }
}
