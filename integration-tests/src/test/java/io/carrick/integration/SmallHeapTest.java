package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that ran out of memory answers when there is some again, round after round. */
@Timeout(240)
class SmallHeapTest {

  private static final int ROUNDS = 8;
  private static final int HEAP_MIB = 48;
  private static final Duration DEADLINE = Duration.ofSeconds(4);
  private static final Duration AFTERWARDS = Duration.ofSeconds(20);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void aNodeAnswersAfterItsHeapWasUsedUpAgainAndAgain(TestTransport transport) throws Exception {
    String endpoint = transport.endpoint(directory);
    try (ChildJvm node =
            ChildJvm.start(SmallHeap.class, List.of("-Xmx" + HEAP_MIB + "m"), endpoint);
        Messenger client =
            Messenger.builder("client")
                .maxMessageBytes(SmallHeap.MOST_BYTES)
                .bufferBudget(4L << 30)
                .build()) {
      node.await("ready");
      Remote remote = client.connect(endpoint);
      int failed = 0;
      for (int round = 0; round < ROUNDS; round++) {
        failed +=
            round % 2 == 0
                ? failures(remote, "length", 6, 16 << 20)
                : failures(remote, "keep", 600, 128 << 10);

        Message small = message(100);
        String answer =
            remote
                .with(CallOptions.DEFAULT.withDeadline(AFTERWARDS))
                .request("length", small, Message.class)
                .get(AFTERWARDS.toSeconds() + 5, TimeUnit.SECONDS)
                .text();
        assertThat(answer).as("round " + round).isEqualTo("100");
      }
      System.out.println(failed + " calls failed for want of memory, or were given up");
      assertThat(failed).isGreaterThan(ROUNDS);
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
      Throwable failure =
          one.handle((value, thrown) -> thrown).get(DEADLINE.toSeconds() + 10, TimeUnit.SECONDS);
      if (failure != null) {
        failed++;
        Throwable cause =
            failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        assertThat(cause).isInstanceOf(MessagingException.class);
      }
    }
    return failed;
  }
}
