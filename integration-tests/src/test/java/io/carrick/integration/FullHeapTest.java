package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Where there is no memory, not even to handle that, no thread of a node ends, and no call stays.
 */
@Timeout(240)
final class FullHeapTest {

  private static final int ROUNDS = 2;
  private static final Duration AFTERWARDS = Duration.ofSeconds(30);

  /** The collector works hard while the heap is full. */
  private static final Duration FILLED_WITHIN = Duration.ofSeconds(60);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void t11_aNodeWithoutAByteLeftAnswersWhenThereAreSome(TestTransport transport) throws Exception {
    String endpoint = transport.endpoint(directory);
    try (ChildJvm node =
            ChildJvm.start(FullHeap.class, List.of("-Xmx24m"), endpoint).await("ready");
        Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint).with(CallOptions.DEFAULT.withDeadline(AFTERWARDS));
      String begun = remote.request("state", "", String.class).get();
      assertThat(begun).startsWith("0 0 open carrick-");
      for (int round = 1; round <= ROUNDS; round++) {
        String expected = begun.replaceFirst("0", "" + round);
        remote.request("fill", "", String.class).handle((v, e) -> "").get();
        String filled = "filled " + round;
        Await.until(() -> filled, FILLED_WITHIN, () -> node.lines().contains(filled));
        AtomicReference<String> told = new AtomicReference<>("");
        Await.until(
            () -> expected + ", not " + told + "; it says " + node.lines(),
            AFTERWARDS,
            () -> {
              told.set(state(remote));
              return told.get().equals(expected);
            });
      }
      assertThat(node.lines())
          .noneMatch(
              line ->
                  line.contains("Exception in thread")
                      || line.contains("UncaughtExceptionHandler"));
    }
  }

  /** As {@link FullHeap} tells, or the failure of the call. */
  private static String state(Remote remote) {
    try {
      return remote
          .with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)))
          .request("state", "", String.class)
          .get(5, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(MessagingException.class);
      return e.toString();
    } catch (Exception e) {
      throw new AssertionError("a call hangs beyond its deadline", e);
    }
  }
}
