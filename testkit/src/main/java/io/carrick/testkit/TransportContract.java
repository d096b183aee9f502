package io.carrick.testkit;

import static io.carrick.testkit.CheckedSender.sendNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.Principal;
import io.carrick.TlsConfig;
import io.carrick.spi.Capabilities;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TransportFixture.Link;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rules C01 to C20 and C22 of docs/transport-contract.md, one test each. A transport's test
 * extends this class and says how to reach the transport; it passes if every test does. A rule
 * about something that a transport does not claim is skipped with a reason.
 */
@ExtendWith(ContractSummary.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class TransportContract {

  /** What a stalled connection may cost beyond what the kernel holds: 8 MiB (C03). */
  private static final long MAX_STALLED_BYTES = 8L << 20;

  private static final int STALL_ATTEMPTS = 65_536;
  private static final int PING_PONGS = 50;

  /** Nagle's algorithm beside delayed acknowledgements takes 40 ms and more (C22). */
  private static final Duration MOST_ROUND_TRIP = Duration.ofMillis(10);

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  /** Until another process has connected, on a machine with much else to do. */
  private static final Duration JVM_START = Duration.ofMinutes(1);

  private TransportFixture fixture;

  /** For the test of a transport. */
  protected TransportContract() {}

  /** The provider under test; called often. */
  protected abstract TransportProvider provider();

  /** An endpoint that is free to listen on; a new one for each call, or one with port 0. */
  protected abstract Endpoint listenEndpoint();

  /** An endpoint where nobody listens. */
  protected abstract Endpoint nobodyListening();

  /** What the transport claims. */
  protected abstract Capabilities expectedCapabilities();

  /**
   * Whom each side sees on the other, this process; {@link Principal#NONE} if nobody is verified.
   */
  protected abstract Principal expectedPrincipal();

  /** What both sides use, PEM files if it names any; {@link TlsConfig#SYSTEM} by default. */
  protected TlsConfig tls() {
    return TlsConfig.SYSTEM;
  }

  /** Whether another process can connect, which C18 needs. */
  protected boolean crossesProcesses() {
    return true;
  }

  /**
   * Threads that the library keeps for the process and nobody can end, which C15 and C16 pass over:
   * they are daemons, and end when nobody has used them for a while. None by default.
   */
  protected Predicate<Thread> libraryThreads() {
    return thread -> false;
  }

  /** Whether several may listen on an endpoint, as on a topic of a broker (C13). No by default. */
  protected boolean severalMayListen() {
    return false;
  }

  /**
   * Whether what a listener has accepted keeps its port, as connections over UDP do that share one
   * socket: then it is free when they are closed (C13). No by default.
   */
  protected boolean acceptedConnectionsKeepThePort() {
    return false;
  }

  @BeforeEach
  final void open() {
    fixture = new TransportFixture(provider(), tls());
  }

  @AfterEach
  final void closeAndCheckEveryCallback() {
    fixture.close();
    assertThat(fixture.faults()).isEmpty();
  }

  @Test
  void c01_oneSendArrivesAsOneFrameWithEqualBytesUpToTheLargest() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    Random random = new Random(1);

    for (int size : new int[] {1, 2, 127, 128, 129, 16_383, 16_384, 16_385, 65_535, 65_536}) {
      byte[] there = bytes(random, size);
      byte[] back = bytes(random, size);
      sendNow(link.client(), atClient, there);
      sendNow(link.server(), atServer, back);

      assertThat(atServer.nextFrame()).isEqualTo(there);
      assertThat(atClient.nextFrame()).isEqualTo(back);
    }
  }

  @Test
  void c02_whatArrivesIsAPrefixOfWhatWasSent() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), atClient);
    Random random = new Random(2);
    int count = 20_000;

    for (int i = 0; i < count; i++) {
      int size = random.nextInt(50) == 0 ? random.nextInt(65_000) : random.nextInt(200);
      sender.send(ByteBuffer.allocate(4 + size).putInt(0, i));
      if (random.nextInt(10) == 0) {
        sender.flush();
      }
    }
    sender.flush();
    link.client().close(CloseReason.local("all is sent"));
    Await.result(atServer.closed());

    int arrived = atServer.waiting();
    assertThat(arrived).isBetween(1, count);
    for (int i = 0; i < arrived; i++) {
      assertThat(ByteBuffer.wrap(atServer.nextFrame()).getInt()).isEqualTo(i);
    }
  }

  @Test
  void c03_memoryStaysBoundedHoweverLongThePeerStalls() {
    Link link = link();
    RecordingReceiver atClient = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), atClient);
    ByteBuffer frame = ByteBuffer.allocateDirect(1024);
    long before = OpenResources.heldBytes();

    boolean saidFalse = false;
    for (int i = 0; i < STALL_ATTEMPTS; i++) {
      saidFalse |= !sender.offer(frame.clear());
      sender.flush();
    }

    assertThat(saidFalse).as("send said false before 64 MiB stood still").isTrue();
    assertThat(OpenResources.heldBytes() - before).isLessThan(MAX_STALLED_BYTES);
  }

  @Test
  void c04_onWritableFollowsEveryFalseOnceThePeerDrains() {
    Listener listener = fixture.listen(listenEndpoint());
    for (int round = 0; round < 10; round++) {
      Link link = fixture.connect(listener);
      RecordingReceiver atClient = fixture.receive(link.client());
      CheckedSender sender = new CheckedSender(link.client(), atClient);
      sender.fillUp(STALL_ATTEMPTS);

      fixture.receive(link.server());

      atClient.awaitWritable();
      for (int i = 0; i < 200; i++) {
        sender.send(new byte[60_000]);
      }
      link.client().close(CloseReason.local("the round is over"));
    }
  }

  @Test
  void c05_callbacksNeverOverlapAndNeverRunInsideSendOrFlush() throws InterruptedException {
    Link link = link();
    Semaphore window = new Semaphore(64);
    RecordingReceiver atServer = fixture.track(new Echo(link.server()));
    RecordingReceiver atClient =
        fixture.track(
            new RecordingReceiver() {
              @Override
              protected void handle(ByteBuffer frame) {
                window.release();
              }
            });
    link.server().receive(atServer);
    link.client().receive(atClient);
    CheckedSender sender = new CheckedSender(link.client(), atClient);

    for (int i = 0; i < 20_000; i++) {
      assertThat(window.tryAcquire(10, TimeUnit.SECONDS)).as("echo %s arrives", i).isTrue();
      sender.send(new byte[i % 500]);
      if (window.availablePermits() == 0 || i % 7 == 0) {
        sender.flush();
      }
    }
    sender.flush();
    assertThat(window.tryAcquire(64, 10, TimeUnit.SECONDS)).isTrue();
    link.client().close(CloseReason.local("done"));

    Await.result(atClient.closed());
    Await.result(atServer.closed());
    assertThat(atClient.faults()).isEmpty();
    assertThat(atServer.faults()).isEmpty();
  }

  @Test
  void c06_theBufferIsTheCallersAgainWhenSendReturns() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    CheckedSender sender = new CheckedSender(link.client(), atClient);

    for (ByteBuffer buffer : List.of(ByteBuffer.allocate(300), ByteBuffer.allocateDirect(300))) {
      for (byte b = 1; b <= 50; b++) {
        fill(buffer, b);
        buffer.limit(200).position(100);
        ByteBuffer given = b % 2 == 0 ? buffer : buffer.asReadOnlyBuffer();
        sender.send(given);
        assertThat(given.position()).isEqualTo(200);
        assertThat(given.limit()).isEqualTo(200);
      }
      fill(buffer, (byte) -1);
      sender.flush();

      for (byte b = 1; b <= 50; b++) {
        byte[] expected = new byte[100];
        Arrays.fill(expected, b);
        assertThat(atServer.nextFrame()).isEqualTo(expected);
      }
    }
  }

  @Test
  void c06_aReceivedBufferHoldsItsBytesWhileOtherCallbacksRun() {
    new BorrowedBuffers(link()).exchange();
  }

  @Test
  void c07_closeIsIdempotentFromAnyThreadAndNeverBlocks() {
    Link link = link();
    RecordingReceiver atClient = fixture.receive(link.client());
    new CheckedSender(link.client(), atClient).fillUp(STALL_ATTEMPTS);
    long start = System.nanoTime();

    Stream.generate(() -> closeElsewhere(link.client())).limit(8).toList().forEach(Await::result);
    link.client().close(CloseReason.local("again"));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE.multipliedBy(3));
    assertThat(Await.result(atClient.closed()).detail()).isEqualTo("elsewhere");
  }

  @Test
  void c08_onClosedComesOnceAndLastWithItsReason() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    sendNow(link.server(), atServer, new byte[] {1});
    sendNow(link.client(), atClient, new byte[] {2});
    atServer.nextFrame();
    atClient.nextFrame();

    link.client().close(CloseReason.local("my reason"));

    assertThat(Await.result(atClient.closed())).isEqualTo(CloseReason.local("my reason"));
    CloseReason there = Await.result(atServer.closed());
    assertThat(there.kind()).isEqualTo(CloseReason.Kind.PEER);
    assertThat(there.detail()).isNotBlank();

    Link late = fixture.connect(fixture.listen(listenEndpoint()));
    late.client().close(CloseReason.local("before it received"));
    RecordingReceiver afterwards = fixture.receive(late.client());
    assertThat(Await.result(afterwards.closed()).detail()).isEqualTo("before it received");
  }

  @Test
  void c09_afterCloseSendReturnsFalseAndDoesNothing() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    fixture.receive(link.client());
    link.client().close(CloseReason.local("over"));
    Await.result(atServer.closed());

    for (Connection connection : List.of(link.client(), link.server())) {
      ByteBuffer frame = ByteBuffer.allocate(10);
      assertThat(connection.send(frame)).isFalse();
      assertThat(frame.remaining()).isEqualTo(10);
      connection.flush();
    }
    assertThat(atServer.waiting()).isZero();
  }

  @Test
  void c10_aFrameThatIsTooLargeIsRefusedAndTheConnectionStaysUsable() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    ByteBuffer tooLarge = ByteBuffer.allocate(Transport.MAX_FRAME_BYTES + 1);

    assertThatThrownBy(() -> link.client().send(tooLarge))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65537")
        .hasMessageContaining("65536");

    sendNow(link.client(), atClient, new byte[] {7});
    assertThat(atServer.nextFrame()).containsExactly(7);
  }

  @Test
  void c11_anEmptyFrameIsLegal() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());

    sendNow(link.client(), atClient, new byte[0], new byte[] {1}, new byte[0], new byte[0]);

    List<Integer> sizes = IntStream.range(0, 4).mapToObj(i -> atServer.nextFrame().length).toList();
    assertThat(sizes).containsExactly(0, 1, 0, 0);
  }

  @Test
  void c12_connectingToNobodyFailsInTimeAndNamesTheEndpoint() {
    Endpoint endpoint = nobodyListening();
    Duration max = TransportFixture.CONNECT_TIMEOUT.plus(AT_ONCE);

    Throwable failure = Await.failure(fixture.client.connect(endpoint), max);

    assertThat(failure)
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining(endpoint.toString());
    assertThat(((ConnectException) failure).retrySafe()).isTrue();
  }

  @Test
  void c13_aFailedListenLeavesNothingBoundAndPortZeroIsReported() {
    Listener first = fixture.listen(listenEndpoint());
    assertThat(first.endpoint().uri().getPort()).isNotZero();

    if (severalMayListen()) {
      Await.result(fixture.tryListen(first.endpoint())).close();
    } else {
      assertThat(Await.failure(fixture.tryListen(first.endpoint()), Await.LONG_ENOUGH))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining(first.endpoint().toString());
    }
    Link link = fixture.connect(first);
    RecordingReceiver atServer = fixture.receive(link.server());
    sendNow(link.client(), fixture.receive(link.client()), new byte[] {1});
    assertThat(atServer.nextFrame()).containsExactly(1);
    first.close();
    first.close();
    if (acceptedConnectionsKeepThePort()) {
      link.client().close(CloseReason.local("the port is to be free"));
      Await.result(atServer.closed());
    }
    fixture.listen(first.endpoint()).close();
  }

  @Test
  void c14_closingAListenerLeavesAcceptedConnectionsAlone() {
    Listener listener = fixture.listen(listenEndpoint());
    Link link = fixture.connect(listener);
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());

    listener.close();

    assertThat(Await.failure(fixture.client.connect(listener.endpoint()), Await.LONG_ENOUGH))
        .isInstanceOf(ConnectException.class);
    sendNow(link.client(), atClient, new byte[] {1});
    sendNow(link.server(), atServer, new byte[] {2});
    assertThat(atServer.nextFrame()).containsExactly(1);
    assertThat(atClient.nextFrame()).containsExactly(2);
  }

  @Test
  void c15_fiveSecondsAfterCloseNoThreadFileOrSocketIsLeft() {
    useAndClose(); // What the JVM itself opens at the first use stays.
    OpenResources before = OpenResources.now(libraryThreads());

    for (int i = 0; i < 5; i++) {
      useAndClose();
    }

    before.awaitReturn();
  }

  @Test
  void c16_cancellingAConnectReleasesEverything() {
    Listener listener = fixture.listen(listenEndpoint(), fixture::receive);
    fixture.receive(Await.result(fixture.client.connect(listener.endpoint())));
    Await.until("the first is accepted", () -> fixture.receivers() == 2);
    OpenResources before = OpenResources.now(libraryThreads());

    for (int i = 0; i < 100; i++) {
      CompletableFuture<Connection> connecting =
          fixture.client.connect(listener.endpoint()).toCompletableFuture();
      if (!connecting.cancel(true)) {
        connecting.join().close(CloseReason.local("it was faster"));
      }
    }

    before.awaitReturn();
    assertThat(Await.result(fixture.client.connect(listener.endpoint()))).isNotNull();
  }

  @Test
  void c17_declaredCapabilitiesAreTrue() {
    Endpoint endpoint = listenEndpoint();
    Capabilities claimed =
        provider()
            .capabilities(
                endpoint,
                TransportConfig.of("client")
                    .withConnectTimeout(Duration.ofSeconds(10))
                    .withTls(tls()));
    assertThat(claimed).isEqualTo(expectedCapabilities());
    assertThat(claimed.cost()).isBetween(0, 100);
    assertThat(claimed.authenticatesPeer()).isEqualTo(!expectedPrincipal().equals(Principal.NONE));
    assertThat(provider().schemes()).contains(endpoint.scheme());

    Link link = fixture.connect(fixture.listen(endpoint));

    for (PeerInfo peer : List.of(link.client().peer(), link.server().peer())) {
      assertThat(peer.security()).isGreaterThanOrEqualTo(claimed.security());
      assertThat(peer.principal()).isEqualTo(expectedPrincipal());
      assertThat(peer.brokered()).isEqualTo(claimed.brokered());
      assertThat(peer.address()).isNotBlank();
      if (claimed.sameHostOnly()) {
        assertThat(peer.sameHost()).isTrue();
      }
    }
  }

  @Test
  void c18_theDeathOfAPeerEndsInOnClosed() throws Exception {
    assumeTrue(crossesProcesses(), "both sides live in one process, so neither dies alone");
    Listener listener = fixture.listen(listenEndpoint());
    Process child = ChildProcess.start(provider(), tls(), listener.endpoint());
    try {
      RecordingReceiver atServer = fixture.receive(fixture.nextAccepted(JVM_START));
      assertThat(atServer.nextFrame()).containsExactly(1);

      child.destroyForcibly();

      assertThat(Await.result(atServer.closed()).kind())
          .isIn(CloseReason.Kind.PEER, CloseReason.Kind.NETWORK);
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void c19_anInterruptedCallerDoesNotCloseTheConnectionForOthers() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());
    AtomicBoolean kept = new AtomicBoolean(true);

    CompletableFuture<Void> interrupted =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 100; i++) {
                Thread.currentThread().interrupt();
                link.client().send(ByteBuffer.wrap(new byte[] {1}));
                link.client().flush();
                kept.compareAndSet(true, Thread.interrupted());
              }
            });
    Await.result(interrupted);

    IntStream.range(0, 100).forEach(i -> assertThat(atServer.nextFrame()).containsExactly(1));
    assertThat(kept).as("the caller is still interrupted").isTrue();
    sendNow(link.client(), atClient, new byte[] {2});
    assertThat(atServer.nextFrame()).containsExactly(2);
  }

  @Test
  void c20_onBatchEndFollowsTheLastFrameOfEachRead() {
    Link link = link();
    RecordingReceiver atServer = fixture.track(new Echo(link.server()));
    link.server().receive(atServer);
    RecordingReceiver atClient = fixture.receive(link.client());

    for (int round = 1; round <= 50; round++) {
      byte[][] frames = IntStream.range(0, 10).mapToObj(i -> new byte[i]).toArray(byte[][]::new);
      sendNow(link.client(), atClient, frames);

      // The echo flushes at the end of a batch only, so what comes back shows that it was called.
      IntStream.range(0, 10).forEach(i -> assertThat(atClient.nextFrame()).hasSize(i));
      Await.until("the batch ends", () -> !atServer.inBatch() && !atClient.inBatch());
      assertThat(atServer.batches()).isBetween(round, 10 * round);
    }
  }

  @Test
  void c22_noFrameWaitsForAnother() {
    Link link = link();
    RecordingReceiver atServer = fixture.receive(link.server());
    RecordingReceiver atClient = fixture.receive(link.client());

    for (int size : new int[] {1, 9_000, 20_000}) {
      Duration median = MOST_ROUND_TRIP;
      // A busy machine is slow for a while; Nagle's algorithm is always.
      for (int i = 0; i < 3 && median.compareTo(MOST_ROUND_TRIP) >= 0; i++) {
        median = medianRoundTrip(link, atServer, atClient, new byte[size]);
      }
      assertThat(median)
          .as("median of %s round trips of %s bytes; is TCP_NODELAY on?", PING_PONGS, size)
          .isLessThan(MOST_ROUND_TRIP);
    }
  }

  private static Duration medianRoundTrip(
      Link link, RecordingReceiver atServer, RecordingReceiver atClient, byte[] frame) {
    long[] nanos = new long[PING_PONGS];
    for (int i = 0; i < PING_PONGS; i++) {
      long start = System.nanoTime();
      sendNow(link.client(), atClient, frame);
      assertThat(atServer.nextFrame()).hasSize(frame.length);
      sendNow(link.server(), atServer, frame);
      assertThat(atClient.nextFrame()).hasSize(frame.length);
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[PING_PONGS / 2]);
  }

  private Link link() {
    return fixture.connect(fixture.listen(listenEndpoint()));
  }

  private static void fill(ByteBuffer buffer, byte b) {
    buffer.clear();
    while (buffer.hasRemaining()) {
      buffer.put(b);
    }
  }

  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static CompletableFuture<Void> closeElsewhere(Connection connection) {
    return CompletableFuture.runAsync(() -> connection.close(CloseReason.local("elsewhere")));
  }

  private void useAndClose() {
    TransportFixture used = new TransportFixture(provider(), tls());
    Listener listener = used.listen(listenEndpoint());
    for (int i = 0; i < 10; i++) {
      Link link = used.connect(listener);
      RecordingReceiver atServer = used.receive(link.server());
      RecordingReceiver atClient = used.receive(link.client());
      sendNow(link.client(), atClient, new byte[] {1});
      assertThat(atServer.nextFrame()).containsExactly(1);
    }
    Await.failure(used.client.connect(nobodyListening()), Await.LONG_ENOUGH);
    used.close();
    used.close();
    assertThat(used.faults()).isEmpty();
  }
}
