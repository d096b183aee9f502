package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Connection;
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
    try (Unix unix = new Unix()) {
      Path path = directory.resolve("x.sock");
      unix.listen(path);
      int count = 4 * 2 * Leases.MOST + 2; // 4 loops, and both ends are at this transport.
      List<Connection> servers = new ArrayList<>();
      List<RecordingReceiver> receivers = new ArrayList<>();
      List<CompletableFuture<Boolean>> polls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Connection client = unix.connect(path);
        servers.add(unix.nextAccepted());
        RecordingReceiver receiver = new RecordingReceiver();
        client.receive(receiver);
        receivers.add(receiver);
        polls.add(CompletableFuture.supplyAsync(() -> client.poll(LONG), threads));
      }

      Await.until(
          "those without a lease return",
          () -> polls.stream().filter(p -> p.isDone() && !p.join()).count() >= 2);
      for (Connection server : servers) {
        server.send(ByteBuffer.wrap(new byte[] {1}));
        server.flush();
      }

      for (RecordingReceiver receiver : receivers) {
        assertThat(receiver.nextFrame()).containsExactly(1);
      }
      polls.forEach(Await::result);
    } finally {
      threads.shutdown();
    }
  }
}
