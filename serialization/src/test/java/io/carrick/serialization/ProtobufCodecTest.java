package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ListValue;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import io.carrick.testkit.CodecContract;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProtobufCodecTest extends CodecContract {

  private final ProtobufCodec codec = new ProtobufCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected List<Object> values() {
    Struct struct =
        Struct.newBuilder()
            .putFields("name", Value.newBuilder().setStringValue("線").build())
            .putFields("list", Value.newBuilder().setListValue(nested(10)).build())
            .build();
    return List.of(
        struct,
        Struct.getDefaultInstance(),
        nested(20),
        StringValue.of("bend"),
        DescriptorProto.newBuilder().setName("Order").addReservedName("x").build());
  }

  @Override
  protected Object randomValue(SplittableRandom random) {
    Struct.Builder struct = Struct.newBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      Value.Builder value = Value.newBuilder();
      struct.putFields(
          text(random),
          random.nextBoolean()
              ? value.setStringValue(text(random)).build()
              : value.setNumberValue(Double.longBitsToDouble(random.nextLong())).build());
    }
    return struct.build();
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new ProtobufCodec(maxBytes));
  }

  @Override
  protected Object unsupportedValue() {
    return "text";
  }

  @Override
  protected Class<?> hostileType() {
    return Struct.class;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    byte[] groups = new byte[100_000];
    Arrays.fill(groups, (byte) ((9 << 3) | 3));
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k unknown groups", groups);
    bombs.put("100 messages", inStruct(nested(100)));
    bombs.put("length 2^31-1", new byte[] {0x0A, -1, -1, -1, -1, 0x07});
    bombs.put("length -1", new byte[] {0x0A, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0x01});
    bombs.put("unknown of 2^31-1", new byte[] {0x4A, -1, -1, -1, -1, 0x07, 1});
    return bombs;
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    byte[] truncated =
        Struct.newBuilder()
            .putFields(secret, Value.newBuilder().setStringValue(secret).build())
            .build()
            .toByteArray();
    return List.of(
        Arrays.copyOf(truncated, truncated.length - 1),
        secret.getBytes(StandardCharsets.UTF_8),
        new byte[] {(9 << 3) | 4},
        new byte[] {0});
  }

  @Override
  protected List<byte[]> namingClass(String className) {
    return List.of(
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/" + className)
            .setValue(ByteString.EMPTY)
            .build()
            .toByteArray());
  }

  @Test
  void nestingBeyondTheLimitIsNamed() {
    CodecException e =
        catchThrowableOfType(
            CodecException.class, () -> codec.decode(inStruct(nested(40)), Struct.class));

    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(e).hasMessageContaining("64 levels");
  }

  @Test
  void aMessageAboveTheConfiguredSizeIsRefused() {
    byte[] bytes = codec.encode(StringValue.of("12345"));
    CodecException e =
        catchThrowableOfType(
            CodecException.class, () -> new ProtobufCodec(4).decode(bytes, StringValue.class));

    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(e).hasMessageContaining("7 bytes exceed the 4");
  }

  @Test
  void onlyTypesWithADefaultInstanceAreTaken() {
    assertThat(codec.supports(Struct.class)).isTrue();
    assertThat(codec.supports(MessageLite.class)).isFalse();
    assertThat(codec.supports(DynamicMessage.class)).isFalse();
  }

  @Test
  void unknownFieldsAreKept() {
    byte[] newer =
        Any.newBuilder()
            .setTypeUrl("a")
            .setValue(ByteString.copyFromUtf8("b"))
            .build()
            .toByteArray();

    StringValue older = codec.decode(newer, StringValue.class);

    assertThat(codec.encode(older)).isEqualTo(newer);
  }

  private static byte[] inStruct(ListValue list) {
    Value value = Value.newBuilder().setListValue(list).build();
    return Struct.newBuilder().putFields("k", value).build().toByteArray();
  }

  private static ListValue nested(int depth) {
    ListValue list = ListValue.getDefaultInstance();
    for (int i = 0; i < depth; i++) {
      list = ListValue.newBuilder().addValues(Value.newBuilder().setListValue(list)).build();
    }
    return list;
  }
}
