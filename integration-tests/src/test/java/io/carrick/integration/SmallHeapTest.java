package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that ran out of memory answers when there is some again, round after round. */
@Timeout(240)
final class SmallHeapTest {

  private static final int ROUNDS = 5;
  private static final int HEAP_MIB = 40;
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final Duration AFTERWARDS = Duration.ofSeconds(30);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void t11_aNodeAnswersAfterItsHeapWasUsedUpAgainAndAgain(TestTransport transport)
      throws Exception {
    String endpoint = transport.endpoint(directory);
    try (ChildJvm node =
            ChildJvm.start(SmallHeap.class, List.of("-Xmx" + HEAP_MIB + "m"), endpoint)
                .await("ready");
        Messenger client =
            Messenger.builder("client")
                .maxMessageBytes(SmallHeap.MOST_BYTES)
                .bufferBudget(SmallHeap.BUDGET)
                .build()) {
      Remote remote = client.connect(endpoint);
      int failed = 0;
      for (int round = 0; round < ROUNDS; round++) {
        failed +=
            switch (round % 3) {
              case 0 -> failures(remote, "length", 4, 16 << 20);
              case 1 -> failures(remote, "keep", 600, 128 << 10);
              default -> failures(remote, "allocate", 20, 100);
            };
        Await.until(() -> "the answer; it says " + node.lines(), AFTERWARDS, () -> answers(remote));
      }
      System.out.println(failed + " calls failed for want of memory");
      assertThat(failed).isGreaterThan(2 * 600);
      assertThat(node.lines()).anyMatch(line -> line.contains("OutOfMemoryError"));
      assertThat(node.lines()).noneMatch(line -> line.contains("Exception in thread"));
    }
  }

  /** One who asks may be told first that its session has ended, for want of memory. */
  private static boolean answers(Remote remote) {
    try {
      return remote
          .with(CallOptions.DEFAULT.withDeadline(DEADLINE))
          .request("length", message(100), String.class)
          .get(2 * DEADLINE.toSeconds(), TimeUnit.SECONDS)
          .equals("100");
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(MessagingException.class);
      return false;
    } catch (TimeoutException e) {
      throw new AssertionError("a call hangs beyond its deadline", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Message message(int bytes) {
    return Message.wrap("", Headers.EMPTY, "", new byte[bytes]);
  }

  /** Every call ends in its time, with an answer or with a failure of ours. */
  private static int failures(Remote remote, String topic, int calls, int bytes) throws Exception {
    Remote within = remote.with(CallOptions.DEFAULT.withDeadline(DEADLINE));
    List<CompletableFuture<Message>> all = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      all.add(within.request(topic, message(bytes), Message.class));
    }
    int failed = 0;
    for (CompletableFuture<Message> one : all) {
      try {
        one.get(DEADLINE.toSeconds() + 10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        failed++;
        assertThat(e).hasCauseInstanceOf(MessagingException.class);
      }
    }
    return failed;
  }
}
