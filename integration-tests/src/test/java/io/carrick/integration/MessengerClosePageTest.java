package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What Messenger.close() says of calls that do not end, over all transports at once. */
@Timeout(60)
class MessengerClosePageTest {

  @TempDir Path directory;

  @Test
  void whatHasNotEndedAfter5sIsCancelledAndHandlersAreInterrupted() {
    Messenger.Builder builder = TestTls.messenger("server");
    for (TestTransport transport : TestTransport.values()) {
      builder.listen(transport.endpoint(directory));
    }
    CountDownLatch reached = new CountDownLatch(TestTransport.values().length);
    CountDownLatch interrupted = new CountDownLatch(TestTransport.values().length);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    try (Messenger server = builder.build();
        Messenger client = TestTls.messenger("client").build()) {
      server.handle("never", String.class, text -> never(reached, interrupted));
      for (String endpoint : server.endpoints()) {
        calls.add(client.connect(endpoint).request("never", "x", String.class));
      }
      Await.until("all run", () -> reached.getCount() == 0);
      long start = System.nanoTime();

      server.close();

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(4_500), Duration.ofSeconds(15));
      Await.until("all were interrupted", () -> interrupted.getCount() == 0);
      for (CompletableFuture<String> call : calls) {
        CallException failure = Failures.in(call, CallException.class);
        Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.YES, "server closed");
        ErrorsPage.has(failure);
      }
    }
  }

  private static String never(CountDownLatch reached, CountDownLatch interrupted) {
    reached.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
    return "late";
  }
}
