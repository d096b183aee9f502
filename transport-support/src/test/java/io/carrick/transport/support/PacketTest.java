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

/** How frames become packets, and packets frames again. */
final class PacketTest {

  @Test
  void framesOfAnySizeGoThroughPacketsOf64KiB() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    PacketQueue queue = new PacketQueue();
    List<byte[]> frames = new ArrayList<>();
    List<byte[]> found = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      byte[] frame = new byte[random.nextInt(10) == 0 ? random.nextInt(65_537) : i % 300];
      random.nextBytes(frame);
      frames.add(frame);
      queue.append(ByteBuffer.wrap(frame));
      if (random.nextInt(20) == 0) {
        drain(queue, found);
      }
    }
    drain(queue, found);

    assertThat(found).as("seed " + seed).usingElementComparator(Arrays::compare).isEqualTo(frames);
  }

  private static void drain(PacketQueue queue, List<byte[]> found) throws FramingException {
    int held = queue.held();
    for (Packet packet; (packet = queue.poll()) != null; ) {
      held -= packet.length();
      List<byte[]> inside = framesOf(packet.buffer());
      assertThat(packet.length()).isLessThanOrEqualTo(inside.size() == 1 ? 65_540 : 65_536);
      found.addAll(inside);
      queue.reuse(packet);
    }
    assertThat(held).isZero();
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aClearedQueueIsEmpty() {
    PacketQueue queue = new PacketQueue();
    for (int i = 0; i < 3; i++) {
      queue.append(ByteBuffer.allocate(60_000));
    }
    queue.clear();

    assertThat(queue.held()).isZero();
    assertThat(queue.poll()).isNull();
  }

  @Test
  void unknownFieldsArePassedOver() throws Exception {
    // Fields 2 to 5: a varint, eight bytes, a string, four bytes; frames between them.
    byte[] packet = {
      0x10, 1, 10, 1, 65, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 2, 1, 2, 10, 0, 0x2d, 1, 2, 3, 4
    };

    assertThat(framesOf(ByteBuffer.wrap(packet))).containsExactly(new byte[] {65}, new byte[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "0a,                       ends in the middle of a field",
    "0a 02 01,                 ends in the middle of a field",
    "10,                       ends in the middle of a field",
    "19 01 02,                 ends in the middle of a field",
    "02 00,                    a field of number 0",
    "0b 00,                    a field of wire type 3",
    "0a 81 80 04,              ends in the middle of a field",
    "ff ff ff ff ff ff ff ff ff ff 01, a varint of more than 10 bytes"
  })
  void whatIsNoPacketIsRefused(String hex, String why) {
    ByteBuffer input = ByteBuffer.wrap(bytes(hex));

    assertThatThrownBy(() -> framesOf(input))
        .isInstanceOf(FramingException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aFrameThatIsTooLargeIsRefused() {
    ByteBuffer input = ByteBuffer.allocate(70_000).put(bytes("0a 81 80 04")).rewind();

    assertThatThrownBy(() -> framesOf(input))
        .isInstanceOf(FramingException.class)
        .hasMessageContaining("a frame of 65537 bytes exceeds the 65536 allowed");
  }

  private static List<byte[]> framesOf(ByteBuffer input) throws FramingException {
    List<byte[]> frames = new ArrayList<>();
    ByteBuffer view = input.duplicate();
    while (PacketReader.next(input, view)) {
      byte[] frame = new byte[view.remaining()];
      view.get(frame);
      frames.add(frame);
    }
    return frames;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.strip().replace(" ", ""));
  }
}
