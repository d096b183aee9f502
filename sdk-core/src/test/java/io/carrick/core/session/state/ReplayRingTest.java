package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplayRingTest {

  private static final int MAX_BYTES = 64 << 10;

  @Test
  void framesComeOutAsTheyWentInWhateverWrapsAndGrows() {
    for (long seed = 1; seed <= 200; seed++) {
      walk(new Random(seed), "seed " + seed);
    }
  }

  private static void walk(Random random, String seed) {
    ReplayRing ring = new ReplayRing(MAX_BYTES, 512);
    ArrayDeque<byte[]> expected = new ArrayDeque<>();
    long stored = 0;
    long acknowledged = 0;
    for (int step = 0; step < 3_000; step++) {
      int size = random.nextInt(10) == 0 ? random.nextInt(9_000) : random.nextInt(300);
      if (ring.hasRoom(size) && random.nextInt(3) > 0) {
        byte[] frame = new byte[size];
        random.nextBytes(frame);
        ring.append(size).put(frame);
        expected.add(frame);
        stored++;
        assertThat(ring.nextSeq()).as(seed).isEqualTo(stored + 1);
      } else if (ring.unhanded() > 0) {
        int count = 1 + random.nextInt(ring.unhanded());
        int at = ring.handOffset();
        ByteBuffer buffer = ring.buffer();
        for (int i = 0; i < count; i++) {
          at = ReplayRing.skipWrap(buffer, at);
          byte[] frame = new byte[buffer.getInt(at)];
          buffer.get(at + Integer.BYTES, frame);
          assertThat(frame).as(seed).isEqualTo(expected.remove());
          at += Integer.BYTES + frame.length;
        }
        ring.handed(count);
      } else if (ring.handedSeq() > acknowledged) {
        acknowledged += 1 + random.nextInt((int) (ring.handedSeq() - acknowledged));
        ring.acknowledge(acknowledged);
        ring.trim();
      }
      assertThat(ring.usedBytes()).as(seed).isBetween(0, MAX_BYTES);
      assertThat(ring.capacity()).as(seed).isLessThanOrEqualTo(MAX_BYTES);
    }
  }

  @Test
  void itTakesWhatFitsItsBoundsAndNoMore() {
    ReplayRing ofBytes = new ReplayRing(MAX_BYTES, 1_000);
    while (ofBytes.hasRoom(1_000)) {
      ofBytes.append(1_000).put(new byte[1_000]);
    }
    assertThat(ofBytes.usedBytes()).isBetween(MAX_BYTES - 1_004, MAX_BYTES);

    ReplayRing ofFrames = new ReplayRing(MAX_BYTES, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(ofFrames.hasRoom(0)).isTrue();
      ofFrames.append(0);
    }
    assertThat(ofFrames.hasRoom(0)).isFalse();
  }

  @Test
  void anAcknowledgementAheadOfTheWriterFreesNothingThatIsStillRead() {
    ReplayRing ring = new ReplayRing(MAX_BYTES, 1_000);
    ring.append(10).put(new byte[10]);
    ring.append(10).put(new byte[10]);
    ring.handed(1);

    assertThat(ring.acknowledge(2)).isEqualTo(14);
    assertThat(ring.usedBytes()).isEqualTo(14);

    ring.handed(1);
    assertThat(ring.usedBytes()).isZero();
  }
}
