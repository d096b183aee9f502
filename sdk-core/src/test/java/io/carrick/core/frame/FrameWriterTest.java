package io.carrick.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Open;
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
  void framesAreByteForByteThoseOfTheGeneratedClasses() throws Exception {
    Samples samples = new Samples(new Random(SEED));

    for (FieldDescriptor body : Samples.BODIES) {
      for (int round = 0; round < ROUNDS; round++) {
        Frame frame = samples.frame(body);

        byte[] ours = Mirror.encode(frame);

        assertThat(Frame.parseFrom(ours)).isEqualTo(frame);
        if (!isLongAndCompressed(frame)) {
          assertThat(ours)
              .as("seed %d, round %d of %s", SEED, round, body.getName())
              .isEqualTo(frame.toByteArray());
        }
      }
    }
  }

  /** Its encoding stands before its length, as no canonical writer has it. */
  private static boolean isLongAndCompressed(Frame frame) {
    Open open = frame.getOpen();
    Item item = frame.getItem();
    return !(open.getEncoding() + item.getEncoding()).isEmpty()
        && (open.getLength() != 0 || open.getMore() || item.getLength() != 0 || item.getMore());
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
