package io.carrick.transport.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.spi.CloseReason;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.transport.support.FrameReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that begin a frame and let it wait. */
@Timeout(60)
final class UnixPaceTest {

  private final List<CloseReason> closed = new ArrayList<>();
  private final Queue<Runnable> windows = new ArrayDeque<>();
  private final LeastRate pace =
      new LeastRate("unix:x", PeerLimits.DEFAULT, (delay, task) -> windows.add(task), closed::add);

  private void windowEnds() {
    windows.remove().run();
  }

  @Test
  void t10_aFrameThatDripsIsCutOffAndTheReasonHasTheFigures() {
    pace.read(999, 0, true);
    windowEnds();

    assertThat(closed).hasSize(1);
    assertThat(closed.get(0).kind()).isEqualTo(CloseReason.Kind.PROTOCOL);
    assertThat(closed.get(0).detail())
        .isEqualTo(
            "unix:x sent 999 bytes of a frame in PT10S, and at least 1000 are asked for: send"
                + " faster, or lower PeerLimits.leastBytesPerSecond");
  }

  @Test
  void t10_aFrameThatIsFastEnoughGoesOnUntilItStops() {
    pace.read(1, 0, true);
    pace.read(999, 0, true);
    windowEnds();
    assertThat(closed).isEmpty();
    windowEnds();
    assertThat(closed).hasSize(1);
  }

  @Test
  void t10_whoIsSilentBetweenFramesIsNotEvenMeasured() {
    pace.read(1, 0, true);
    pace.read(1, 1, false);
    windowEnds();
    assertThat(windows).isEmpty();
    pace.read(1, 2, false);
    assertThat(windows).isEmpty();
    assertThat(closed).isEmpty();
  }

  @Test
  void t10_anotherFrameHasAWindowOfItsOwn() {
    pace.read(1, 0, true);
    pace.read(1, 1, true);
    windowEnds();
    assertThat(closed).isEmpty();
    windowEnds();
    assertThat(closed).hasSize(1);
  }

  @Test
  void t10_aPeerThatStopsWithinAFrameIsCutOffAndOneBetweenFramesIsNot(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path path = directory.resolve("s");
    PeerLimits limits = PeerLimits.DEFAULT.withLeastRate(100, Duration.ofMillis(200));
    try (Unix unix = new Unix(limits)) {
      unix.listen(path);
      try (SocketChannel silent = Unix.raw(path)) {
        RecordingReceiver ofSilent = unix.nextReceiver();
        silent.write(ByteBuffer.wrap(new byte[] {FrameReader.TAG, 1, 42}));
        assertThat(ofSilent.nextFrame()).containsExactly(42);
        try (SocketChannel slow = Unix.raw(path)) {
          RecordingReceiver ofSlow = unix.nextReceiver();
          slow.write(ByteBuffer.wrap(new byte[] {FrameReader.TAG, 100, 42}));

          assertThat(Await.result(ofSlow.closed()).detail()).contains("3 bytes of a frame");
        }
        assertThat(ofSilent.closed()).isNotDone();
        silent.write(ByteBuffer.wrap(new byte[] {FrameReader.TAG, 1, 43}));
        assertThat(ofSilent.nextFrame()).containsExactly(43);
      }
    }
  }
}
