package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.core.session.state.SessionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes whose handlers call each other, with every buffer of the session at its least size. */
@Timeout(60)
class LeastBuffersTest {

  private static final int CALLERS = 4;
  private static final int CALLS = 100;
  private static final int LONG_BYTES = 200_000;

  private final CountDownLatch never = new CountDownLatch(1);

  /** Four calls, one item, one frame of credit, a replay buffer of three frames. */
  private static SessionConfig least(SessionConfig d) {
    return new SessionConfig(
        d.service(),
        d.instance(),
        d.contentTypes(),
        d.maxMessageBytes(),
        64 << 10,
        64 << 10,
        4,
        d.maxCalls(),
        1,
        256 << 10,
        32,
        8,
        64 << 10,
        d.handshakeNanos(),
        d.closeNanos(),
        d.resumption(),
        d.tokens(),
        d.peers(),
        null);
  }

  private static Messenger node(String name, String... endpoints) {
    MessengerBuilder builder = new MessengerBuilder(name);
    builder.limits = LeastBuffersTest::least;
    for (String endpoint : endpoints) {
      builder.listen(endpoint);
    }
    return builder.build();
  }

  @Test
  void everythingElseGoesOnBesideAHandlerThatNeverReturns() throws Exception {
    String endpoint = "memory:" + UUID.randomUUID();
    ExecutorService callers = Executors.newFixedThreadPool(2 * CALLERS + 1);
    try (Messenger one = node("one", endpoint);
        Messenger other = node("other")) {
      serve(one);
      serve(other);
      Remote there = other.connect(endpoint);
      there.connect().get(10, SECONDS);
      Remote back = one.peers().get(0);
      CompletableFuture<Message> stuck = there.request("stuck", "x", Message.class);
      CompletableFuture<Message> stuckBack = back.request("stuck", "x", Message.class);

      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        all.add(CompletableFuture.runAsync(() -> callMany(there), callers));
        all.add(CompletableFuture.runAsync(() -> callMany(back), callers));
      }
      all.add(
          Collecting.all(there.stream("count", "x", Integer.class))
              .thenAccept(items -> assertThat(items).hasSize(2_000).isSorted()));
      for (CompletableFuture<?> call : all) {
        call.get(50, SECONDS);
      }

      assertThat(stuck).isNotDone();
      assertThat(stuckBack).isNotDone();
      never.countDown();
      stuck.get(10, SECONDS);
      stuckBack.get(10, SECONDS);
    } finally {
      never.countDown();
      callers.shutdownNow();
    }
  }

  private void serve(Messenger node) {
    node.handle("leaf", Message.class, Message::size);
    node.handle("back", Message.class, (Message m, Call call) -> ask(call.peer(), "leaf", m) + 1);
    node.handle(
        "stuck",
        String.class,
        (String text, Call call) -> {
          never.await();
          return text;
        });
    node.handleStream("count", String.class, text -> new RangePublisher(2_000));
  }

  private static void callMany(Remote target) {
    for (int i = 0; i < CALLS; i++) {
      int size = i % 10 == 0 ? LONG_BYTES : i;
      assertThat(ask(target, "back", Message.of(new byte[size]))).isEqualTo(size + 1);
    }
  }

  private static int ask(Remote target, String topic, Message body) {
    while (true) {
      try {
        return target.request(topic, body, Integer.class).join();
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof OverloadedException refused) || !refused.retrySafe()) {
          throw e;
        }
      } catch (OverloadedException e) {
        assertThat(e.retrySafe()).isTrue();
      }
      LockSupport.parkNanos(500_000);
    }
  }
}
