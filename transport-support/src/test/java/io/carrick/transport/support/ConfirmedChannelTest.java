package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.CloseReason;
import io.carrick.spi.CloseReason.Kind;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ConfirmedChannelTest {

  private final ManualLoop loop = new ManualLoop();
  private final RecordingReceiver receiver = new RecordingReceiver();

  /** A library whose writes the test confirms. */
  private static class Library extends ConfirmedChannel {

    final List<Consumer<@Nullable Throwable>> waiting = new CopyOnWriteArrayList<>();
    final List<Byte> firsts = new CopyOnWriteArrayList<>(); // The first byte of each frame.
    final List<CloseReason> cuts = new CopyOnWriteArrayList<>();
    final ByteBuffer stream = ByteBuffer.allocate(128 * 1024);
    private final FrameReader frames = new FrameReader();

    Library(Executor loop, int most) {
      super(loop, most, QueuedConnectionTest.PEER);
    }

    @Override
    protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
      read(packet);
      waiting.add(confirmed);
    }

    void read(ByteBuffer packet) {
      try {
        ByteBuffer view = packet.duplicate();
        while (frames.next(packet, view)) {
          firsts.add(view.get());
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    protected void cut(CloseReason reason) {
      cuts.add(reason);
    }

    @Override
    public void request(int more) {}

    void confirm(@Nullable Throwable failure) {
      waiting.remove(0).accept(failure);
    }
  }

  private void send(QueuedConnection connection, int first, int size) {
    connection.send(ByteBuffer.allocate(size).put(0, (byte) first));
    connection.flush();
    loop.run();
  }

  @Test
  void withoutABoundThereIsOneWriteAtATime() {
    Library library = new Library(loop, 0);
    for (int i = 0; i < 3; i++) {
      send(library.connection(), i, 1);
    }
    assertThat(library.waiting).hasSize(1);
    assertThat(library.firsts).containsExactly((byte) 0);

    library.confirm(null);
    loop.run();

    assertThat(library.waiting).hasSize(1);
    assertThat(library.firsts).containsExactly((byte) 0, (byte) 1, (byte) 2);
  }

  @Test
  void nothingMoreIsWrittenAboveTheBound() {
    Library library = new Library(loop, 100_000);
    library.connection().receive(receiver);
    for (int i = 0; i < 3; i++) {
      send(library.connection(), i, Transport.MAX_FRAME_BYTES);
    }
    assertThat(library.waiting).hasSize(2);

    library.confirm(null);
    loop.run();

    assertThat(library.firsts).containsExactly((byte) 0, (byte) 1, (byte) 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65_536})
  void confirmationsInsideOfTheWriteAreFine(int most) {
    Library library =
        new Library(loop, most) {
          @Override
          protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
            read(packet);
            confirmed.accept(null);
          }
        };
    library.connection().receive(receiver);
    for (int i = 0; i < 14; i++) {
      library.connection().send(ByteBuffer.allocate(60_000).put(0, (byte) i));
    }
    loop.run();

    assertThat(library.firsts).hasSize(14).isSorted();
    receiver.awaitWritable();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65_536})
  void confirmationsOnForeignThreadsKeepTheOrder(int most) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      Library library =
          new Library(new SerialExecutor(pool), most) {
            @Override
            protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
              read(packet);
              pool.execute(() -> confirmed.accept(null));
            }
          };
      QueuedConnection connection = library.connection();
      connection.receive(receiver);
      int count = 100;
      for (int i = 0; i < count; i++) {
        if (!connection.send(ByteBuffer.allocate(3_000).put(0, (byte) i))) {
          receiver.awaitWritable();
        }
        connection.flush();
      }
      Await.until("all is written", () -> library.firsts.size() == count);

      assertThat(library.firsts).doesNotHaveDuplicates().isSorted();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void aSecondConfirmationIsNothing() {
    Library library = new Library(loop, 0);
    send(library.connection(), 0, 1);
    Consumer<@Nullable Throwable> first = library.waiting.remove(0);
    first.accept(null);
    loop.run();
    send(library.connection(), 1, 1);
    first.accept(null);
    first.accept(new IOException("of the test"));
    loop.run();
    send(library.connection(), 2, 1);

    assertThat(library.firsts).containsExactly((byte) 0, (byte) 1);
  }

  @Test
  void aWriteThatFailsEndsTheConnection() {
    Library library = new Library(loop, 0);
    library.connection().receive(receiver);
    send(library.connection(), 0, 1);
    library.confirm(new IOException("of the test"));
    loop.run();

    CloseReason reason = Await.result(receiver.closed());
    assertThat(reason.kind()).isEqualTo(Kind.NETWORK);
    assertThat(reason.detail()).contains("cannot write to test:peer", "of the test");
    assertThat(library.cuts).containsExactly(reason);
  }

  @Test
  void aWriteThatThrowsEndsTheConnection() {
    Library library =
        new Library(loop, 0) {
          @Override
          protected void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed) {
            throw new IllegalStateException("of the test");
          }
        };
    library.connection().receive(receiver);
    send(library.connection(), 0, 1);

    assertThat(Await.result(receiver.closed()).detail()).contains("of the test");
    assertThat(library.cuts).hasSize(1);
  }

  @Test
  void aCloseWhileAWriteIsUnderWaySendsWhatIsHeldFirst() {
    Library library = new Library(loop, 0);
    library.connection().receive(receiver);
    for (int i = 0; i < 3; i++) {
      send(library.connection(), i, 40_000);
    }
    CloseReason reason = CloseReason.local("of the test");
    library.connection().close(reason);
    loop.run();
    assertThat(Await.result(receiver.closed())).isEqualTo(reason);
    List<Integer> written = new ArrayList<>();
    while (!library.waiting.isEmpty()) {
      written.add(library.firsts.size());
      assertThat(library.cuts).isEmpty();
      library.confirm(null);
      loop.run();
    }

    assertThat(written).containsExactly(1, 2, 3);
    assertThat(library.cuts).containsExactly(reason);
  }

  @Test
  void aPeerThatDoesNotReadIsCutAfterASecond() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Library library = new Library(new SerialExecutor(pool), 0);
      library.connection().send(ByteBuffer.allocate(1));
      library.connection().close(CloseReason.local("of the test"));
      Await.until("it is cut", () -> !library.cuts.isEmpty());

      assertThat(library.waiting).hasSize(1);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void aViolationIsCutAtOnce() {
    Library library = new Library(loop, 0);
    send(library.connection(), 0, 1);
    library.connection().close(CloseReason.protocol("of the test"));
    loop.run();

    assertThat(library.cuts).containsExactly(CloseReason.protocol("of the test"));
  }
}
