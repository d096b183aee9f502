package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.UnknownPeers;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that begin something and let it wait. */
@Timeout(60)
final class FramePaceTest {

  // RFC 9113, section 6.
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;

  private static final int WINDOW_SECONDS = 10;
  private static final byte[] LONG_FRAME = frame(DATA, 1, new byte[WINDOW_SECONDS * 1_000]);

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
    channel.pipeline().addFirst(new Guard(endpoint, false, false, door));
    channel.pipeline().fireChannelActive();
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    write(frame(SETTINGS, 0, new byte[0]));
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
    write(frame(HEADERS, 1, new byte[10]));
    pass(WINDOW_SECONDS);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void t10_whoIsSilentBetweenFramesIsLeftAlone() {
    for (int i = 0; i < 100; i++) {
      write(frame(PING, 0, new byte[8]));
      pass(60);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  private static byte[] frame(int type, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) 0).putInt(stream).put(payload);
    return frame.array();
  }
}
