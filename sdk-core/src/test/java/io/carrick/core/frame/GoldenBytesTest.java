package io.carrick.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.wire.v1.Frame;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples in docs/wire-format.md are true. */
class GoldenBytesTest {

  private static final Path PAGE = Path.of("..", "docs", "wire-format.md");
  private static final Pattern ROW = Pattern.compile("\\| ([A-Z_]+) \\| .* \\| `([0-9a-f ]+)` \\|");

  private record Example(FrameType type, byte[] bytes, String row) {}

  private static List<Example> examples() throws Exception {
    List<Example> examples = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        byte[] bytes = HexFormat.of().parseHex(row.group(2).replace(" ", ""));
        examples.add(new Example(FrameType.valueOf(row.group(1)), bytes, line));
      }
    }
    return examples;
  }

  @Test
  void everyTypeOfFrameHasAnExample() throws Exception {
    Set<FrameType> seen = EnumSet.noneOf(FrameType.class);

    examples().forEach(example -> seen.add(example.type()));

    assertThat(seen).isEqualTo(EnumSet.allOf(FrameType.class));
  }

  @Test
  void examplesAreReadAndWrittenByOursAndTheGeneratedClassesAlike() throws Exception {
    FrameParser parser = new FrameParser();

    for (Example example : examples()) {
      parser.parse(ByteBuffer.wrap(example.bytes()));
      Frame generated = Frame.parseFrom(example.bytes());

      assertThat(parser.type()).as(example.row()).isEqualTo(example.type());
      assertThat(generated.toByteArray()).as(example.row()).isEqualTo(example.bytes());
      if (example.type() != FrameType.UNKNOWN) {
        assertThat(Mirror.read(parser)).as(example.row()).isEqualTo(generated);
        assertThat(Mirror.encode(generated)).as(example.row()).isEqualTo(example.bytes());
      }
    }
  }
}
