package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.support.UnknownPeers;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that begin something and let it wait. */
@Timeout(60)
final class PaceTest {

  private static final int WINDOW_SECONDS = 10;
  private static final byte[] LONG_FRAME =
      RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[WINDOW_SECONDS * 1_000]);

  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void begin() {
    Endpoint endpoint = Endpoint.parse("grpc://127.0.0.1:7400");
    Door door =
        new Door(
            channel,
            java.util.Optional.empty(),
            new UnknownPeers<>(endpoint, 1),
            PeerLimits.DEFAULT,
            false);
    channel.freezeTime();
    channel.pipeline().addFirst(new Guard(endpoint, false, door));
    channel.pipeline().fireChannelActive();
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    write(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void write(byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
  }

  /** Writes so much of the frame each second. */
  private void drip(int at, int bytesEachSecond, int seconds) {
    for (int i = 0; i < seconds; i++) {
      channel.writeInbound(
          Unpooled.wrappedBuffer(LONG_FRAME, at + i * bytesEachSecond, bytesEachSecond));
      pass(1);
    }
  }

  private void pass(long seconds) {
    for (long i = 0; i < seconds; i++) {
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void t10_aFrameThatDripsIsCutOffAfterAWindow() {
    drip(0, 50, WINDOW_SECONDS - 1);
    assertThat(channel.isOpen()).isTrue();
    drip(50 * (WINDOW_SECONDS - 1), 50, 1);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void t10_aFrameThatStopsIsCutOff() {
    drip(0, 1_000, 5);
    pass(2 * WINDOW_SECONDS);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void t10_aFrameThatIsSlowEnoughGoesOn() {
    drip(0, 110, 90);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void t10_headersThatAreNeverEndedAreCutOff() {
    write(RawHttp2.frame(RawHttp2.HEADERS, 0, 1, new byte[10]));
    pass(WINDOW_SECONDS);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void t10_whoIsSilentBetweenFramesIsLeftAlone() {
    for (int i = 0; i < 100; i++) {
      write(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
      pass(60);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void t10_aMessageThatDripsInWholeFramesIsCutOff() throws IOException {
    PeerLimits limits = PeerLimits.DEFAULT.withLeastRate(1_000, Duration.ofMillis(500));
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (Grpc grpc =
            new Grpc("grpc://127.0.0.1:0", TlsConfig.SYSTEM, limits, Grpc::echo, new NoCalls());
        RawHttp2 peer = new RawHttp2(grpc.port())) {
      Connection beside = grpc.connect();
      grpc.roundTrip(beside);
      peer.begin();
      peer.write(
          RawHttp2.frame(
              RawHttp2.HEADERS,
              RawHttp2.END_HEADERS,
              1,
              RawHttp2.headers("/carrick.v1.Carrick/Session")));
      peer.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[] {0, 0, 0, 100, 0}));
      drip.scheduleAtFixedRate(() -> one(peer), 0, 20, TimeUnit.MILLISECONDS);

      peer.readToEnd();

      assertThat(grpc.roundTrip(beside)).isPositive();
    } finally {
      drip.shutdownNow();
    }
  }

  private static void one(RawHttp2 peer) {
    try {
      peer.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
