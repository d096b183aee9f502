package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loops go on whatever is thrown, and give each connection its turn. */
@Timeout(60)
final class UnixLoopTest {

  @TempDir Path directory;
  private final Unix unix = new Unix();

  @AfterEach
  void close() {
    unix.close();
  }

  /** As a heap does that is used up: nothing can be said of what was thrown. */
  private static final class Unlogged extends Handler {

    @Override
    public void publish(LogRecord record) {
      throw new OutOfMemoryError("on purpose, in the log");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void whatIsThrownEndsNoLoop() throws Exception {
    UnixTransport transport = (UnixTransport) unix.transport;
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);
    Logger log = Logger.getLogger(EventLoop.class.getName());
    Handler handler = new Unlogged();
    log.addHandler(handler);
    try {
      EventLoop loop = transport.nextLoop();
      loop.execute(
          () -> {
            throw new OutOfMemoryError("on purpose");
          });
      CompletableFuture<Boolean> after = new CompletableFuture<>();
      loop.execute(() -> after.complete(true));
      assertThat(after.get(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      log.removeHandler(handler);
    }
    assertRoundTrip(socket);
  }

  @Test
  void aSelectorThatBreaksIsReplacedUnderItsConnections() throws Exception {
    UnixTransport transport = (UnixTransport) unix.transport;
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);
    Connection before = unix.connect(socket);
    RecordingReceiver received = unix.nextReceiver();
    for (int i = 0; i < 8; i++) {
      EventLoop loop = transport.nextLoop();
      CompletableFuture<Boolean> mended = new CompletableFuture<>();
      loop.execute(
          () -> {
            loop.mend(new IOException("on purpose"));
            mended.complete(true);
          });
      assertThat(mended.get(10, TimeUnit.SECONDS)).isTrue();
    }

    before.send(ByteBuffer.wrap(new byte[] {7}));
    before.flush();

    assertThat(received.nextFrame()).containsExactly(7);
    assertRoundTrip(socket);
  }

  @Test
  void anAcceptorThatThrowsAnErrorLeavesNoConnectionOpen() throws Exception {
    Path socket = directory.resolve("x.sock");
    CompletableFuture<Connection> seen = new CompletableFuture<>();
    Listener listener =
        Await.result(
            unix.transport.listen(
                Unix.endpoint(socket),
                ListenContext.of(
                    connection -> {
                      seen.complete(connection);
                      throw new StackOverflowError("on purpose");
                    },
                    new NoCalls())));
    try (SocketChannel client = Unix.raw(socket)) {
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    listener.close();
  }

  @Test
  void smallFramesTakeATurnOfTheLoopAndNoMore() throws Exception {
    Path socket = directory.resolve("x.sock");
    unix.listen(socket);
    try (SocketChannel flood = Unix.raw(socket)) {
      CountDownLatch go = new CountDownLatch(1);
      Batches batches = new Batches(go);
      unix.nextAccepted().receive(batches);
      flood.configureBlocking(false);
      ByteBuffer frames = ByteBuffer.allocate(64 * 1024);
      while (frames.hasRemaining()) {
        frames.put((byte) 0x0a).put((byte) 0);
      }
      int frameCount = 0;
      // Until the system takes no more, which it says twice: the transport may have read between.
      for (int full = 0; full < 3; ) {
        frames.rewind();
        int written = flood.write(frames);
        frameCount += written / 2;
        full = written == 0 ? full + 1 : 0;
      }
      go.countDown();
      int all = frameCount; // Of two bytes; the system takes whole ones, or all that it can.
      Await.until("all frames", () -> batches.all >= all);
      System.out.printf(
          "%,d frames in %,d batches, %,d at most%n", all, batches.count, batches.most);
      assertThat(all).isGreaterThan(4 * Input.SMALL_READ_BYTES);
      assertThat(batches.most).isLessThanOrEqualTo(Input.SMALL_READ_BYTES);
    }
  }

  /** What comes between two ends of a batch. */
  private static final class Batches implements io.carrick.spi.Receiver {

    private final CountDownLatch go;
    private volatile int all;
    private volatile int count;
    private volatile int most;
    private int now;

    Batches(CountDownLatch go) {
      this.go = go;
    }

    @Override
    public void onFrame(ByteBuffer frame) {
      Await.until("the flood to stand", () -> go.getCount() == 0);
      now++;
    }

    @Override
    public void onBatchEnd() {
      most = Math.max(most, now);
      count++;
      all += now;
      now = 0;
    }

    @Override
    public void onWritable() {}

    @Override
    public void onClosed(CloseReason reason) {}
  }

  private void assertRoundTrip(Path socket) throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      Connection connection = unix.connect(socket);
      connection.send(ByteBuffer.wrap(new byte[] {1, 2}));
      connection.flush();
      assertThat(unix.nextReceiver().nextFrame()).containsExactly(1, 2);
    }
  }
}
