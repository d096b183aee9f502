package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Two peers whose handlers call each other and wait for the answer, with the least room at each
 * handler, and one handler that never returns: everything else goes on.
 */
@OverEachTransport
final class MutualCallsTest extends Semantics {

  private static final int DEPTH = 4;
  private static final int CALLERS = 8;
  private static final int CALLS = 60;
  private static final int STUCK = -1;

  private final AtomicInteger stuck = new AtomicInteger();

  MutualCallsTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void handlersThatCallEachOtherGoOnBesideOneThatNeverReturns() throws Exception {
    serve(server.with(HandlerOptions.DEFAULT.withConcurrency(2).withWaiting(1)));
    serve(client.with(HandlerOptions.DEFAULT.withConcurrency(2).withWaiting(1)));
    CountingStream.serve(server);
    Remote back = peerOf(server);
    // Takes one of the two places of a handler on each side for ever.
    CompletableFuture<Integer> never = remote.request("down/" + DEPTH, STUCK, Integer.class);
    CompletableFuture<Integer> neverBack = back.request("down/" + DEPTH, STUCK, Integer.class);
    Await.until("two handlers are stuck", () -> stuck.get() == 2);

    ExecutorService callers = Executors.newFixedThreadPool(2 * CALLERS);
    try (CountingStream beside = new CountingStream(remote)) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        all.add(CompletableFuture.runAsync(() -> callMany(remote), callers));
        all.add(CompletableFuture.runAsync(() -> callMany(back), callers));
      }
      for (CompletableFuture<Void> one : all) {
        one.get(45, TimeUnit.SECONDS);
      }
      beside.verify();
    } finally {
      callers.shutdownNow();
    }
    assertThat(never).isNotDone();
    assertThat(neverBack).isNotDone();
    gate.open();
    assertThat(await(never)).isEqualTo(STUCK);
    assertThat(await(neverBack)).isEqualTo(STUCK);
  }

  private Remote peerOf(Messenger node) {
    await(remote.connect());
    Await.until("the client is a peer", () -> !node.peers().isEmpty());
    return node.peers().get(0);
  }

  private void serve(Handlers handlers) {
    handlers.handle("down/0", Integer.class, n -> n);
    for (int level = 1; level <= DEPTH; level++) {
      String next = "down/" + (level - 1);
      handlers.handle(
          "down/" + level,
          Integer.class,
          (Integer n, Call call) -> {
            if (n == STUCK) {
              stuck.incrementAndGet();
              gate.pass();
              return n;
            }
            return ask(call.peer(), next, n) + 1;
          });
    }
  }

  private static void callMany(Remote target) {
    for (int i = 0; i < CALLS; i++) {
      assertThat(ask(target, "down/" + DEPTH, i)).isEqualTo(i + DEPTH);
    }
  }

  /** Asks until there is room: a refusal for want of it is safe to retry. */
  private static int ask(Remote target, String topic, int n) {
    while (true) {
      try {
        return target.request(topic, n, Integer.class).join();
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof OverloadedException refused) || !refused.retrySafe()) {
          throw e;
        }
        LockSupport.parkNanos(500_000);
      }
    }
  }
}
