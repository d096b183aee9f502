package io.carrick.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.carrick.wire.v1.Frame;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that nobody should send. */
class FrameFuzzTest {

  private static final int ROUNDS = Integer.getInteger("carrick.frame.rounds", 100_000);
  private static final long SEED = Long.getLong("carrick.frame.seed", 20_261_123L);
  private static final int SHOWN_BYTES = 400;

  private final Random random = new Random(SEED);
  private final Samples samples = new Samples(random);
  private final FrameParser parser = new FrameParser();

  @Test
  void damagedFramesAreReadAsProtobufReadsThemOrRefusedForALimit() {
    int read = 0;
    int refused = 0;
    int limited = 0;

    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = damaged();
      String what = "seed " + SEED + ", round " + round + ": " + hex(bytes);
      Optional<Frame> ours = ours(bytes, what);
      Optional<Frame> theirs = theirs(bytes);

      if (ours.isPresent()) {
        read++;
        theirs.ifPresent(frame -> assertThat(ours.get()).as(what).isEqualTo(frame));
      } else if (theirs.isPresent()) {
        limited++;
        assertThat(Oracle.passesLimit(theirs.get()) || Oracle.mayHoldALongNumber(bytes))
            .as(what)
            .isTrue();
      } else {
        refused++;
      }
    }

    System.out.printf(
        "%d rounds from seed %d: %d read, %d refused by both, %d for a limit%n",
        ROUNDS, SEED, read, refused, limited);
    assertThat(read).isPositive();
    assertThat(refused).isPositive();
    assertThat(limited).isPositive();
  }

  private static String hex(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    return hex.length() > SHOWN_BYTES ? hex.substring(0, SHOWN_BYTES) + "..." : hex;
  }

  @SuppressWarnings("CatchAndPrintStackTrace")
  private Optional<Frame> ours(byte[] bytes, String what) {
    try {
      parser.parse(ByteBuffer.wrap(bytes));
      return Optional.of(Mirror.read(parser));
    } catch (MalformedFrameException e) {
      assertThat(e.getMessage()).as(what).isNotBlank();
      return Optional.empty();
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private static Optional<Frame> theirs(byte[] bytes) {
    try {
      return Optional.of(Oracle.parse(bytes));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private byte[] damaged() {
    if (random.nextInt(10) == 0) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] frame =
        samples.frame(Samples.BODIES.get(random.nextInt(Samples.BODIES.size()))).toByteArray();
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(frame, random.nextInt(frame.length + 1));
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(Math.min(frame.length, 200));
      frame[at] =
          (byte) (random.nextBoolean() ? frame[at] ^ 1 << random.nextInt(8) : random.nextInt());
    }
    return frame;
  }
}
