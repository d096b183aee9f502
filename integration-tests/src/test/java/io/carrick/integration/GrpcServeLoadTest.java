package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Incoming;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.ToResponder;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many calls at once to a program that answers topics, some of which are given up. */
@Timeout(60)
final class GrpcServeLoadTest {

  private static final int CALLS = 5_000;
  private static final int AT_ONCE = 200;

  private final PlainGrpc grpc = new PlainGrpc();
  private final Remote remote = grpc.remote();
  private final ManagedChannel own = grpc.connect();
  private final ForeignResponder responder = ForeignResponder.of(own);

  @AfterEach
  void close() throws InterruptedException {
    own.shutdownNow();
    grpc.close();
  }

  /** Answers requests by themselves, and each third never. */
  private Thread echoing() {
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                ToResponder said = responder.next();
                if (!said.hasIncoming()) {
                  continue;
                }
                Incoming call = said.getIncoming();
                String text = call.getPayload().toStringUtf8();
                if (text.equals("stop")) {
                  responder.answer(call.getCall(), "stopped");
                  return;
                }
                if (!text.startsWith("never")) {
                  responder.answer(call.getCall(), text);
                }
              }
            },
            "echoing");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void eachCallerHasItsOwnAnswerAndWhatIsGivenUpGivesItsPlaceBack() {
    responder.serving(Kind.REQUEST, "t");
    echoing();
    Remote hasty = remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(30)));
    int answered = 0;
    for (int from = 0; from < CALLS; from += AT_ONCE) {
      Map<String, CompletableFuture<String>> calls = new HashMap<>();
      List<CompletableFuture<String>> given = new ArrayList<>();
      for (int i = from; i < from + AT_ONCE; i++) {
        if (i % 10 == 0) {
          given.add(hasty.request("t", "never " + i, String.class));
        } else {
          calls.put("text " + i, remote.request("t", "text " + i, String.class));
        }
      }
      for (Map.Entry<String, CompletableFuture<String>> call : calls.entrySet()) {
        assertThat(Await.result(call.getValue())).isEqualTo(call.getKey());
        answered++;
      }
      given.forEach(call -> assertThat(Await.failure(call, Await.LONG_ENOUGH)).isNotNull());
    }

    // 500 were given up, more than the places there are: they are all free again.
    assertThat(answered).isEqualTo(CALLS * 9 / 10);
    assertThat(Await.result(remote.request("t", "stop", String.class))).isEqualTo("stopped");
  }

  @Test
  void aProgramThatDiesAmidManyCallsLeavesNoneOpen() {
    responder.serving(Kind.REQUEST, "t");
    echoing();
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      calls.add(remote.request("t", i % 2 == 0 ? "never" : "text", String.class));
    }

    own.shutdownNow();

    for (CompletableFuture<String> call : calls) {
      Await.until("it ends", call::isDone);
    }
    assertThat(calls.stream().filter(CompletableFuture::isCompletedExceptionally).count())
        .isGreaterThanOrEqualTo(200);
  }

  @Test
  void streamsOfAProgramCarryManyItemsAtTheSpeedOfTheirCallers() {
    responder.serving(Kind.STREAM, "t");
    Thread items =
        new Thread(
            () -> {
              Map<Long, Long> sent = new HashMap<>();
              while (sent.values().stream().mapToLong(n -> n).sum() < 4 * 2_000) {
                ToResponder said = responder.next();
                if (said.hasDemand()) {
                  long id = said.getDemand().getCall();
                  long next = sent.getOrDefault(id, 0L);
                  for (; next < said.getDemand().getItems() && next < 2_000; next++) {
                    responder.answer(id, Long.toString(next));
                  }
                  if (next == 2_000 && sent.getOrDefault(id, 0L) < 2_000) {
                    responder.finish(id);
                  }
                  sent.put(id, next);
                }
              }
            },
            "items");
    items.setDaemon(true);
    items.start();

    List<Items<String>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(Items.of(remote.stream("t", "q", String.class)));
    }

    for (Items<String> one : all) {
      List<String> came = one.complete();
      assertThat(came).hasSize(2_000);
      for (int i = 0; i < came.size(); i++) {
        assertThat(came.get(i)).isEqualTo(Integer.toString(i));
      }
    }
  }
}
