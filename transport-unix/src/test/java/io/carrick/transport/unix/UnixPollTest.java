package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Connection;
import io.carrick.spi.PollableConnection;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixPollTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  @TempDir Path directory;

  @Test
  void soManyConnectionsOfALoopAreReadByCallersAndTheOthersByTheLoop() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<CompletableFuture<Boolean>> polls = new ArrayList<>();
    try (Unix unix = new Unix()) {
      Path path = directory.resolve("x.sock");
      unix.listen(path);
      int most = 4 * Leases.MOST; // A transport has at most 4 loops.
      int count = most + 10;
      List<Connection> servers = new ArrayList<>();
      List<RecordingReceiver> receivers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Connection client = unix.connect(path);
        servers.add(unix.nextAccepted());
        RecordingReceiver receiver = new RecordingReceiver();
        client.receive(receiver);
        receivers.add(receiver);
        polls.add(
            CompletableFuture.supplyAsync(() -> ((PollableConnection) client).poll(LONG), threads));
      }

      Await.until(
          "those without a lease return",
          () -> polls.stream().filter(p -> p.isDone() && !p.join()).count() >= count - most);
      for (Connection server : servers) {
        server.send(ByteBuffer.wrap(new byte[] {1}));
        server.flush();
      }

      for (RecordingReceiver receiver : receivers) {
        assertThat(receiver.nextFrame()).containsExactly(1);
      }
    } finally {
      threads.shutdown();
    }
    // One that began to wait after the loop had read its frame is ended by the close.
    polls.forEach(Await::result);
  }
}
