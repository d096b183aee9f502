package io.carrick.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.carrick.wire.v1.Frame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameWriterTest {

  private static final int ROUNDS = 500;
  private static final long SEED = Long.getLong("carrick.frame.seed", 20_261_123L);

  @Test
  void framesAreByteForByteThoseOfTheGeneratedClasses() {
    Samples samples = new Samples(new Random(SEED));

    for (FieldDescriptor body : Samples.BODIES) {
      for (int round = 0; round < ROUNDS; round++) {
        Frame frame = withoutEncoding(samples.frame(body));

        byte[] ours = Mirror.encode(frame);

        assertThat(ours)
            .as("seed %d, round %d of %s", SEED, round, body.getName())
            .isEqualTo(frame.toByteArray());
      }
    }
  }

  // This version compresses nothing, so its writer has no place for an encoding.
  private static Frame withoutEncoding(Frame frame) {
    Frame.Builder f = frame.toBuilder();
    if (frame.hasOpen()) {
      f.getOpenBuilder().clearEncoding();
    } else if (frame.hasItem()) {
      f.getItemBuilder().clearEncoding();
    }
    return f.build();
  }

  @Test
  void longErrorTextIsCutAtACharacterWithin1024Bytes() throws Exception {
    String text = "x" + "\u4e16".repeat(1_000);

    Frame frame = Frame.parseFrom(FrameWriter.error(1, 2, text, Map.of(), false));

    String cut = frame.getError().getMessage();
    assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSize(1_024);
    assertThat(text).startsWith(cut);
  }

  @Test
  void detailsThatWouldMakeAnErrorLargerThan8KiBAreLeftOut() throws Exception {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("first", "v".repeat(5_000));
    details.put("second", "v".repeat(5_000));
    details.put("third", "small");

    byte[] bytes = FrameWriter.error(1, 2, "m".repeat(2_000), details, true);

    assertThat(bytes).hasSizeLessThan(8 << 10);
    assertThat(Frame.parseFrom(bytes).getError().getDetailsList())
        .extracting(h -> h.getName())
        .isEqualTo(List.of("first", "third"));
  }
}
