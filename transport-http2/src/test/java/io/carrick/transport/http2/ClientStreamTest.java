package io.carrick.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import okio.Buffer;
import okio.Okio;
import okio.Sink;
import okio.Source;
import okio.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A call whose library fails by what nobody expects. */
final class ClientStreamTest {

  private static final int CLOSES = 2_000; // Some of them meet the end of the write.

  private final SessionThreads threads = new SessionThreads("test");
  private final CountDownLatch forced = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    threads.close();
  }

  @Test
  void anErrorOfWhatReadsEndsTheConnection() {
    assertThat(reasonOf(new Failing(0, forced), new Buffer()).kind())
        .isEqualTo(CloseReason.Kind.NETWORK);
  }

  @Test
  void anErrorOfWhatWritesEndsTheConnection() {
    CloseReason reason = reasonOf(new Failing(1, forced), new Failing(0, forced));

    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.NETWORK);
    assertThat(reason.detail()).contains("OutOfMemoryError: of the test");
  }

  @Test
  void aCloseWhileTheLastIsWrittenEndsTheCallInOrder() {
    for (int i = 0; i < CLOSES; i++) {
      Slow slow = new Slow();
      ClientStream stream = streamTo(slow);
      stream.connection().receive(new RecordingReceiver());
      stream.connection().send(ByteBuffer.wrap(new byte[] {1}));
      stream.connection().flush();
      Await.result(slow.writing);

      stream.connection().close(CloseReason.local("over"));
      slow.goesOn.complete(null);

      Await.result(slow.ended);
    }
  }

  private ClientStream streamTo(Sink sink) {
    return new ClientStream(
        new ClientLoop(threads),
        threads,
        forced::countDown,
        Okio.buffer(sink),
        PeerInfo.of("http://a:1"));
  }

  private CloseReason reasonOf(Source source, Sink sink) {
    ClientStream stream = streamTo(sink);
    CompletableFuture<Void> reading =
        CompletableFuture.runAsync(
            () -> {
              try {
                stream.read(Okio.buffer(source));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            threads);
    RecordingReceiver hears = new RecordingReceiver();
    stream.connection().receive(hears);
    stream.connection().send(ByteBuffer.wrap(new byte[] {1}));
    stream.connection().flush();

    CloseReason reason = Await.result(hears.closed());
    Await.result(reading);
    return reason;
  }

  /** Writes when it is told to. */
  private static final class Slow implements Sink {

    private final CompletableFuture<Void> writing = new CompletableFuture<>();
    private final CompletableFuture<Void> goesOn = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public void write(Buffer buffer, long bytes) throws IOException {
      buffer.skip(bytes);
      writing.complete(null);
      Await.result(goesOn);
    }

    @Override
    public void flush() {}

    @Override
    public Timeout timeout() {
      return Timeout.NONE;
    }

    @Override
    public void close() {
      ended.complete(null);
    }
  }

  /** Fails at once, or when the call is forced to end. */
  private record Failing(int waits, CountDownLatch forced) implements Source, Sink {

    private void fail() throws IOException {
      if (waits > 0) {
        try {
          forced.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        throw new IOException("closed");
      }
      throw new OutOfMemoryError("of the test");
    }

    @Override
    public long read(Buffer buffer, long bytes) throws IOException {
      fail();
      return -1;
    }

    @Override
    public void write(Buffer buffer, long bytes) throws IOException {
      fail();
    }

    @Override
    public void flush() {}

    @Override
    public Timeout timeout() {
      return Timeout.NONE;
    }

    @Override
    public void close() {}
  }
}
