package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FrameReaderTest {

  private final FrameReader reader = new FrameReader();
  private final ByteBuffer input = ByteBuffer.allocate(128 * 1024);

  @Test
  void framesAreFoundHoweverTheStreamIsCut() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    PacketQueue queue = new PacketQueue();
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] frame = new byte[random.nextInt(5) == 0 ? random.nextInt(65_537) : i];
      random.nextBytes(frame);
      frames.add(frame);
      queue.append(ByteBuffer.wrap(frame));
    }
    List<byte[]> found = new ArrayList<>();
    for (Packet packet; (packet = queue.poll()) != null; ) {
      for (int at = 0; at < packet.length(); ) {
        int part = Math.min(1 + random.nextInt(9_000), packet.length() - at);
        found.addAll(read(Arrays.copyOfRange(packet.bytes(), at, at + part)));
        at += part;
      }
    }

    assertThat(found).as("seed " + seed).usingElementComparator(Arrays::compare).isEqualTo(frames);
    assertThat(reader.frames()).isEqualTo(frames.size());
    assertThat(reader.isPartial()).isFalse();
    assertThat(reader.truncation()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0a,             within the prefix of a frame",
    "0a 05,          after 0 of the 5 bytes of a frame",
    "0a 01 41 0a 05 01 02, after 2 of the 5 bytes of a frame"
  })
  void whatIsMissingAtTheEndIsSaid(String hex, String truncation) throws Exception {
    read(bytes(hex));

    assertThat(reader.truncation()).isEqualTo(truncation);
  }

  @ParameterizedTest
  @CsvSource({
    "47 45 54 20,    'peer does not speak Carrick: it began with \"GET \"'",
    "0a 01 41 0b,    'after 1 frames, at \"\\x0b\"'",
    "0a 81 00,       in more bytes than it needs",
    "0a 81 80 04,    'announced a frame of 65537 bytes, more than 65536'",
    "0a 80 80 80 01, announced a frame of more than 65536 bytes"
  })
  void whatIsNoFrameIsShown(String hex, String why) {
    assertThatThrownBy(() -> read(bytes(hex)))
        .isInstanceOf(FramingException.class)
        .hasMessageContaining(why);
  }

  /** Reads as a transport does. */
  private List<byte[]> read(byte[] part) throws FramingException {
    List<byte[]> found = new ArrayList<>();
    input.clear();
    reader.restore(input);
    input.put(part).flip();
    ByteBuffer view = input.duplicate();
    while (reader.next(input, view)) {
      byte[] frame = new byte[view.remaining()];
      view.get(frame);
      found.add(frame);
    }
    input.compact();
    reader.keep(input);
    return found;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.strip().replace(" ", ""));
  }
}
