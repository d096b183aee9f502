package io.carrick.transport.http2;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OwnSocketsTest {

  private static final int ROUNDS = 20_000;

  @Test
  void aConnectGivenUpWhileItsSocketIsMadeLeavesNoDescriptor() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService maker = Executors.newSingleThreadExecutor();
    try {
      new OwnSockets().createSocket().close(); // What the first one loads stays.
      long before = descriptors();
      for (int i = 0; i < ROUNDS; i++) {
        OwnSockets sockets = new OwnSockets();
        Future<?> made = maker.submit(() -> make(start, sockets));
        start.await(10, SECONDS);
        for (int spin = i % 1_000; spin > 0; spin--) {
          Thread.onSpinWait(); // So that some of them meet.
        }
        sockets.close();
        made.get(10, SECONDS);
      }
      assertThat(descriptors()).isLessThanOrEqualTo(before);
    } finally {
      maker.shutdownNow();
    }
  }

  private static Void make(CyclicBarrier start, OwnSockets sockets) throws Exception {
    start.await(10, SECONDS);
    try {
      Socket made = sockets.createSocket();
      sockets.close();
      assertThat(made.isClosed()).isTrue();
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("the connect was given up|[Ss]ocket.*closed");
    }
    return null;
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
