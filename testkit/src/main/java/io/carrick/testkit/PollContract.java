package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.PollableConnection;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportFixture.Link;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rule C21 of docs/transport-contract.md, for a transport whose connections can be read by a
 * caller that waits.
 */
@ExtendWith(ContractSummary.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class PollContract {

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private TransportFixture fixture;

  /** For the test of a transport. */
  protected PollContract() {}

  /** The provider under test. */
  protected abstract TransportProvider provider();

  /** An endpoint that is free to listen on; a new one for each call, or one with port 0. */
  protected abstract Endpoint listenEndpoint();

  @BeforeEach
  final void open() {
    fixture = new TransportFixture(provider(), TlsConfig.SYSTEM);
  }

  @AfterEach
  final void closeAndCheckEveryCallback() {
    fixture.close();
    assertThat(fixture.faults()).isEmpty();
  }

  @Test
  void c21_aCallerThatPollsReadsOnItsOwnThread() {
    Link link = echoing();
    Thread here = Thread.currentThread();
    AtomicInteger readHere = new AtomicInteger();
    RecordingReceiver receiver =
        fixture.track(
            new RecordingReceiver() {
              @Override
              protected void handle(ByteBuffer frame) {
                super.handle(frame);
                if (Thread.currentThread().equals(here)) {
                  readHere.incrementAndGet();
                }
              }
            });
    link.client().receive(receiver);
    CheckedSender sender = new CheckedSender(link.client(), receiver);

    for (int i = 0; i < 2_000; i++) {
      sender.offer(ByteBuffer.allocate(4).putInt(0, i));
      sender.flush();
      while (receiver.waiting() == 0 && poll(link.client(), LONG)) {}
      assertThat(ByteBuffer.wrap(receiver.nextFrame()).getInt()).isEqualTo(i);
    }

    // The transport's own thread may be faster before it learns of the caller.
    assertThat(readHere).hasValueGreaterThan(1_800);
  }

  @Test
  void c21_whereNobodyPollsAnyMoreReadingGoesOnByItself() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Link link = echoing();
    RecordingReceiver receiver = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), receiver);

    for (int round = 0; round < 300; round++) {
      int polled = random.nextInt(4);
      for (int i = 0; i <= polled; i++) {
        sender.offer(ByteBuffer.allocate(random.nextInt(60_000)));
        sender.flush();
        while (i < polled && receiver.waiting() == 0 && poll(link.client(), LONG)) {}
        receiver.nextFrame();
      }
      spin(random.nextInt(3_000_000));
    }
  }

  @Test
  void c21_aPollOfNoTimeGivesReadingBackAtOnce() {
    Link link = echoing();
    RecordingReceiver receiver = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), receiver);
    long[] waited = new long[1_000];

    for (int round = 0; round < waited.length; round++) {
      sender.offer(ByteBuffer.allocate(1));
      sender.flush();
      while (receiver.waiting() == 0 && poll(link.client(), LONG)) {}
      receiver.nextFrame();
      assertThat(poll(link.client(), Duration.ZERO)).isFalse();
      long start = System.nanoTime();
      sender.offer(ByteBuffer.allocate(1));
      sender.flush();
      receiver.nextFrame();
      waited[round] = System.nanoTime() - start;
    }

    Arrays.sort(waited);
    long quick = waited[waited.length / 10]; // What else runs here makes the others slow.
    System.out.printf("%d us until the transport read again%n", quick / 1_000);
    // A transport that only looks every millisecond needs 1 ms and more, each time.
    assertThat(Duration.ofNanos(quick)).isLessThan(Duration.ofMillis(1));
  }

  @Test
  void c21_pollsNeverOverlapWithOtherCallbacksNorFollowTheEnd() {
    for (int round = 0; round < 20; round++) {
      Link link = fixture.connect(fixture.listen(listenEndpoint()));
      RecordingReceiver atServer = fixture.receive(link.server());
      RecordingReceiver atClient = fixture.receive(link.client());
      int most = 20_000;
      CompletableFuture<Void> there =
          CompletableFuture.runAsync(() -> flood(link.server(), atServer, most));
      CompletableFuture<Void> back =
          CompletableFuture.runAsync(() -> flood(link.client(), atClient, most));
      CompletableFuture<Void> first = pollUntilClosed(link.client(), atClient);
      CompletableFuture<Void> second = pollUntilClosed(link.client(), atClient);
      Await.until("something came", () -> atClient.waiting() > 500);

      (round % 2 == 0 ? link.client() : link.server()).close(CloseReason.local("enough"));

      Await.result(atClient.closed());
      Await.result(atServer.closed());
      CompletableFuture.allOf(there, back, first, second).join();
      int arrived = atClient.waiting();
      for (int i = 0; i < arrived; i++) {
        assertThat(ByteBuffer.wrap(atClient.nextFrame()).getInt()).isEqualTo(i);
      }
      assertThat(poll(link.client(), LONG)).isFalse();
    }
  }

  @Test
  void c21_aCloseEndsAPollThatWaits() {
    for (int round = 0; round < 50; round++) {
      Link link = fixture.connect(fixture.listen(listenEndpoint()));
      RecordingReceiver atClient = fixture.receive(link.client());
      RecordingReceiver atServer = fixture.receive(link.server());
      CompletableFuture<Boolean> polled =
          CompletableFuture.supplyAsync(() -> poll(link.client(), LONG));
      spin(200_000);

      (round % 2 == 0 ? link.client() : link.server()).close(CloseReason.local("enough"));

      Await.result(atClient.closed());
      Await.result(atServer.closed());
      assertThat(Await.result(polled)).isFalse();
    }
  }

  @Test
  void c21_onWritableComesAtOnceThoughACallerWaitsForInput() {
    Link link = fixture.connect(fixture.listen(listenEndpoint()));
    RecordingReceiver atClient = fixture.receive(link.client());
    CompletableFuture<Boolean> polled =
        CompletableFuture.supplyAsync(() -> poll(link.client(), LONG));
    spin(5_000_000);
    new CheckedSender(link.client(), atClient).fillUp(65_536);

    long start = System.nanoTime();
    fixture.receive(link.server());
    atClient.awaitWritable();

    assertThat(System.nanoTime() - start).isLessThan(AT_ONCE.toNanos());
    link.client().close(CloseReason.local("done"));
    assertThat(Await.result(polled)).isFalse();
  }

  @Test
  void c21_anInterruptedPollReturnsAndTheConnectionLivesOn() {
    Link link = echoing();
    RecordingReceiver receiver = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), receiver);

    for (int i = 0; i < 50; i++) {
      Thread.currentThread().interrupt();
      long start = System.nanoTime();
      poll(link.client(), LONG);
      assertThat(System.nanoTime() - start).isLessThan(AT_ONCE.toNanos());
      assertThat(Thread.interrupted()).isTrue();
    }

    sender.offer(ByteBuffer.allocate(1));
    sender.flush();
    assertThat(receiver.nextFrame()).hasSize(1);
  }

  @Test
  void c21_whatPollsUsedIsGoneAfterTheCloseOfTheTransport() {
    pollAndClose(1);
    OpenResources before = OpenResources.now();

    pollAndClose(50);

    before.awaitReturn();
  }

  private void pollAndClose(int connections) {
    try (TransportFixture own = new TransportFixture(provider(), TlsConfig.SYSTEM)) {
      Listener listener = own.listen(listenEndpoint());
      for (int i = 0; i < connections; i++) {
        Link link = own.connect(listener);
        RecordingReceiver receiver = own.receive(link.client());
        CheckedSender.sendNow(link.server(), own.receive(link.server()), new byte[] {1});
        while (receiver.waiting() == 0 && poll(link.client(), LONG)) {}
        assertThat(receiver.nextFrame()).containsExactly(1);
        if (i % 2 == 0) {
          link.client().close(CloseReason.local("done"));
        }
      }
    }
  }

  private Link echoing() {
    Link link = fixture.connect(fixture.listen(listenEndpoint()));
    link.server().receive(fixture.track(new Echo(link.server())));
    return link;
  }

  private static boolean poll(Connection connection, Duration max) {
    return ((PollableConnection) connection).poll(max);
  }

  private static CompletableFuture<Void> pollUntilClosed(
      Connection connection, RecordingReceiver receiver) {
    return CompletableFuture.runAsync(
        () -> {
          while (!receiver.closed().toCompletableFuture().isDone()) {
            if (!poll(connection, Duration.ofMillis(1))) {
              LockSupport.parkNanos(100_000);
            }
          }
        });
  }

  private static void flood(Connection connection, RecordingReceiver receiver, int most) {
    CheckedSender sender = new CheckedSender(connection, receiver);
    for (int i = 0; i < most && !receiver.closed().toCompletableFuture().isDone(); i++) {
      ByteBuffer frame = ByteBuffer.allocate(4 + i % 500).putInt(0, i);
      if (!sender.offer(frame)) {
        sender.flush();
        spin(50_000);
      }
      if (i % 16 == 0) {
        sender.flush();
      }
    }
  }

  private static void spin(long nanos) {
    long until = System.nanoTime() + nanos;
    while (System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
  }
}
