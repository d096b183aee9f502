package io.carrick.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The parser finds what the generated classes find in the same bytes. */
class FrameParserTest {

  private static final int ROUNDS = 200;
  private static final long SEED = Long.getLong("carrick.frame.seed", 20_261_123L);

  private final Random random = new Random(SEED);
  private final Samples samples = new Samples(random);
  private final FrameParser parser = new FrameParser();

  /** Writes the same frame in another way. */
  private interface Rewriting {
    byte[] of(byte[] frame);
  }

  private void forEachType(Rewriting rewriting, boolean sameMeaning) throws Exception {
    for (FieldDescriptor body : Samples.BODIES) {
      for (int round = 0; round < ROUNDS; round++) {
        Frame frame = samples.frame(body);
        byte[] bytes = rewriting.of(frame.toByteArray());

        parser.parse(placed(bytes));

        String what = "seed " + SEED + ", round " + round + " of " + body.getName();
        assertThat(Mirror.read(parser)).as(what).isEqualTo(Oracle.parse(bytes));
        if (sameMeaning) {
          assertThat(Mirror.read(parser)).as(what).isEqualTo(Oracle.parse(frame.toByteArray()));
        }
      }
    }
  }

  // In a direct or a heap buffer, behind and before other bytes, perhaps in a slice.
  private ByteBuffer placed(byte[] frame) {
    int before = random.nextInt(20);
    int size = before + frame.length + random.nextInt(20);
    ByteBuffer buffer =
        random.nextBoolean() ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    for (int i = 0; i < size; i++) {
      buffer.put(i, (byte) 0xff);
    }
    buffer.put(before, frame).position(before).limit(before + frame.length);
    return random.nextInt(4) == 0 ? buffer.slice() : buffer;
  }

  @Test
  void canonicalFramesAreRead() throws Exception {
    forEachType(frame -> frame, true);
  }

  @Test
  void fieldsMayStandInAnyOrder() throws Exception {
    forEachType(frame -> inBoth(frame, this::shuffled), true);
  }

  // The order of one repeated field is kept: it is part of what it says.
  private byte[] shuffled(byte[] message) {
    List<byte[]> fields = new ArrayList<>(WireBytes.fields(message));
    List<byte[]> mixed = new ArrayList<>(fields);
    Collections.shuffle(mixed, random);
    for (int i = 0; i < mixed.size(); i++) {
      int number = WireBytes.number(mixed.get(i));
      byte[] next =
          fields.stream().filter(f -> WireBytes.number(f) == number).findFirst().orElseThrow();
      fields.remove(next);
      mixed.set(i, next);
    }
    return WireBytes.join(mixed);
  }

  private static byte[] inBoth(byte[] frame, Rewriting rewriting) {
    List<byte[]> fields = new ArrayList<>();
    for (byte[] field : WireBytes.fields(frame)) {
      fields.add(
          WireBytes.wireType(field) == 2
              ? WireBytes.field(WireBytes.number(field), rewriting.of(WireBytes.content(field)))
              : field);
    }
    return rewriting.of(WireBytes.join(fields));
  }

  @Test
  void theLastOfRepeatedScalarsWins() throws Exception {
    forEachType(
        frame -> {
          FieldDescriptor body = body(frame);
          byte[] earlier = samples.frame(body).toByteArray();
          List<byte[]> fields = new ArrayList<>(WireBytes.fields(earlier));
          fields.addAll(WireBytes.fields(frame));
          return WireBytes.join(fields);
        },
        false);
  }

  private static FieldDescriptor body(byte[] frame) {
    List<byte[]> fields = WireBytes.fields(frame);
    int number = WireBytes.number(fields.get(fields.size() - 1));
    return Frame.getDescriptor().findFieldByNumber(number);
  }

  @Test
  void unknownFieldsOfAllWireTypesAreSkipped() throws Exception {
    forEachType(frame -> inBoth(frame, this::withUnknown), true);
  }

  private byte[] withUnknown(byte[] message) {
    List<byte[]> fields = new ArrayList<>(WireBytes.fields(message));
    for (int i = random.nextInt(4); i >= 0; i--) {
      fields.add(random.nextInt(fields.size() + 1), WireBytes.unknown(random));
    }
    return WireBytes.join(fields);
  }

  @Test
  void knownFieldsOfAnotherWireTypeAreSkipped() throws Exception {
    forEachType(
        frame ->
            inBoth(
                frame,
                message -> {
                  List<byte[]> fields = new ArrayList<>(WireBytes.fields(message));
                  for (byte[] field : WireBytes.fields(message)) {
                    int number = WireBytes.number(field);
                    fields.add(
                        WireBytes.wireType(field) == 0
                            ? WireBytes.field(number, new byte[] {1, 2, 3})
                            : WireBytes.field(number, random.nextLong()));
                  }
                  return WireBytes.join(fields);
                }),
        true);
  }

  @Test
  void numbersMayTakeUpTo10Bytes() throws Exception {
    forEachType(
        frame ->
            inBoth(
                frame,
                message -> {
                  List<byte[]> fields = new ArrayList<>();
                  WireBytes.fields(message).forEach(f -> fields.add(WireBytes.padded(f, random)));
                  return WireBytes.join(fields);
                }),
        true);
  }

  @Test
  void twoBodiesOfOneTypeAreMerged() throws Exception {
    forEachType(
        frame -> {
          List<byte[]> fields = new ArrayList<>();
          for (byte[] field : WireBytes.fields(frame)) {
            if (WireBytes.wireType(field) != 2) {
              fields.add(field);
              continue;
            }
            List<byte[]> parts = WireBytes.fields(WireBytes.content(field));
            int cut = random.nextInt(parts.size() + 1);
            int number = WireBytes.number(field);
            fields.add(WireBytes.field(number, WireBytes.join(parts.subList(0, cut))));
            fields.add(WireBytes.unknown(random));
            fields.add(WireBytes.field(number, WireBytes.join(parts.subList(cut, parts.size()))));
          }
          return WireBytes.join(fields);
        },
        true);
  }

  @Test
  void theLastOfDifferentBodiesWins() throws Exception {
    for (FieldDescriptor body : Samples.BODIES) {
      for (FieldDescriptor otherBody : Samples.BODIES) {
        if (otherBody.equals(body)) {
          continue; // Those are merged, and pass the limits of lists.
        }
        byte[] first = samples.frame(body).toByteArray();
        byte[] other = samples.frame(otherBody).toByteArray();
        byte[] last = samples.frame(body).toByteArray();
        byte[] bytes = WireBytes.join(List.of(first, other, last));

        parser.parse(placed(bytes));

        assertThat(Mirror.read(parser)).as("seed %d", SEED).isEqualTo(Oracle.parse(bytes));
      }
    }
  }

  @Test
  void aFrameWithoutAKnownBodyIsUnknownAndKeepsItsSeq() throws Exception {
    byte[] frame =
        WireBytes.join(List.of(WireBytes.field(1, 42), WireBytes.field(99, new byte[100])));

    parser.parse(ByteBuffer.wrap(frame));

    assertThat(parser.type()).isEqualTo(FrameType.UNKNOWN);
    assertThat(parser.seq()).isEqualTo(42);
  }

  @Test
  void anEmptyFrameIsUnknownAndNotSequenced() throws Exception {
    parser.parse(ByteBuffer.allocate(0));

    assertThat(parser.type()).isEqualTo(FrameType.UNKNOWN);
    assertThat(parser.seq()).isZero();
  }

  @Test
  void aMessageOf0BytesBehindALargerFrameIsRead() throws Exception {
    parser.parse(ByteBuffer.wrap(WireBytes.field(3, WireBytes.field(15, new byte[1_000]))));

    parser.parse(ByteBuffer.wrap(WireBytes.field(3, WireBytes.field(3, 1))));
    parser.copyPayload(new byte[0], 0);

    assertThat(parser.payloadLength()).isZero();
    assertThat(parser.present()).isTrue();
  }

  @Test
  void theBufferIsLeftAsItWas() throws Exception {
    ByteBuffer buffer = placed(samples.frame(Samples.BODIES.get(0)).toByteArray());
    int position = buffer.position();
    int limit = buffer.limit();

    parser.parse(buffer);

    assertThat(buffer.position()).isEqualTo(position);
    assertThat(buffer.limit()).isEqualTo(limit);
  }

  @Test
  void groupsAreSkippedTo16LevelsAndRefusedBeyond() throws Exception {
    parser.parse(ByteBuffer.wrap(WireBytes.groups(16)));

    assertRefused(WireBytes.groups(17), "groups nested more than 16");
  }

  @Test
  void eachLimitIsRefusedWithItsNumber() throws Exception {
    Frame.Builder open = Frame.newBuilder().setSeq(1);
    for (int i = 0; i < 64; i++) {
      open.getOpenBuilder().addHeaders(Header.newBuilder().setName("n").setValue("v"));
    }
    parser.parse(ByteBuffer.wrap(open.build().toByteArray()));
    open.getOpenBuilder().addHeaders(Header.newBuilder().setName("n"));
    assertRefused(open.build().toByteArray(), "65 headers exceed the 64");

    Frame.Builder accept = Frame.newBuilder();
    accept.getOpenBuilder().addAllAccept(Collections.nCopies(17, "text/plain"));
    assertRefused(accept.build().toByteArray(), "17 texts in a list of at most 16");

    Frame.Builder details = Frame.newBuilder();
    details.getErrorBuilder().addAllDetails(Collections.nCopies(17, Header.getDefaultInstance()));
    assertRefused(details.build().toByteArray(), "17 details, and 16 are allowed");

    Frame.Builder many = Frame.newBuilder();
    many.getItemBuilder().addAllHeaders(Collections.nCopies(161, Header.getDefaultInstance()));
    assertRefused(many.build().toByteArray(), "more than 160 repeated fields");

    Frame.Builder large = Frame.newBuilder();
    large.getItemBuilder().addHeaders(Header.newBuilder().setName("n").setValue("v".repeat(8_192)));
    assertRefused(large.build().toByteArray(), "headers of 8193 bytes exceed the 8192");
  }

  @Test
  void listsOfTheHandshakeAreRefusedBeyondTheirLimits() throws Exception {
    Frame.Builder hello = Frame.newBuilder();
    hello.getHelloBuilder().addAllContentTypes(Collections.nCopies(33, "text/plain"));
    parser.parse(ByteBuffer.wrap(hello.build().toByteArray()));
    assertThatThrownBy(parser::hello).hasMessage("33 texts in a list of at most 32");

    Frame.Builder notice = Frame.newBuilder().setSeq(1);
    notice.getNoticeBuilder().addAllEndpoints(Collections.nCopies(9, "unix:a"));
    parser.parse(ByteBuffer.wrap(notice.build().toByteArray()));
    assertThatThrownBy(parser::endpoints).hasMessage("9 texts in a list of at most 8");
  }

  private void assertRefused(byte[] frame, String message) {
    assertThatThrownBy(() -> parser.parse(ByteBuffer.wrap(frame)))
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining(message);
  }
}
