package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import io.carrick.testkit.CodecContract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProtobufJsonCodecTest extends CodecContract {

  private final ProtobufJsonCodec codec = new ProtobufJsonCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected List<Object> values() {
    return List.of(
        FieldDescriptorProto.newBuilder()
            .setName("線 🪢")
            .setNumber(-7)
            .setType(FieldDescriptorProto.Type.TYPE_BOOL)
            .build(),
        FieldDescriptorProto.getDefaultInstance(),
        struct("k", Value.newBuilder().setBoolValue(true).build()),
        Timestamp.newBuilder().setSeconds(1).setNanos(5_000_000).build());
  }

  @Override
  protected Object randomValue(SplittableRandom random) {
    FieldDescriptorProto.Builder field = FieldDescriptorProto.newBuilder().setName(text(random));
    return random.nextBoolean()
        ? field.setNumber(random.nextInt()).setProto3Optional(random.nextBoolean()).build()
        : struct(text(random), Value.newBuilder().setNumberValue(random.nextDouble()).build());
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new ProtobufJsonCodec(maxBytes));
  }

  @Override
  protected Object unsupportedValue() {
    return "text";
  }

  @Override
  protected Class<?> hostileType() {
    return FieldDescriptorProto.class;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k arrays", utf8("{\"name\":" + "[".repeat(100_000)));
    bombs.put("100k ignored objects", utf8("{\"x\":".repeat(100_000)));
    bombs.put("1M digits", utf8("{\"number\":" + "9".repeat(1_000_000) + "}"));
    bombs.put("1M ignored digits", utf8("{\"x\":" + "9".repeat(1_000_000) + "}"));
    bombs.put("huge exponent", utf8("{\"number\":1e999999999}"));
    bombs.put("long string", utf8("{\"name\":\"" + "x".repeat((1 << 20) + 1) + "\"}"));
    bombs.put("long name", utf8("{\"" + "x".repeat(100_000) + "\":1}"));
    return bombs;
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    return List.of(
        utf8("{\"name\":" + secret + "}"),
        utf8("{\"name\":{\"a\":\"" + secret + "\"}}"),
        utf8("{\"number\":\"" + secret + "\"}"),
        utf8("{\"type\":\"" + secret + "\"}x"),
        utf8("{\"number\":1.5,\"x\":\"" + secret + "\"}"),
        utf8("{\"" + secret + "\":1,\"" + secret + "\":2}"),
        utf8("{\"name\":\"\\ud83e" + secret + "\"}"),
        utf8("{\"name\":\"" + secret),
        utf8("{} \"" + secret + "\""),
        utf8("\"" + secret + "\""),
        utf8("{\"name\":NaN}"),
        utf8("null"));
  }

  @Override
  protected List<byte[]> namingClass(String className) {
    String body = "{\"@type\":\"type.googleapis.com/" + className + "\",\"x\":1}";
    return List.of(utf8(body), utf8("{\"options\":" + body + "}"));
  }

  @Test
  void itIsTheJsonOfProtobuf() {
    assertThat(codec.encode(values().get(0)))
        .asString(UTF_8)
        .isEqualTo("{\"name\":\"線 🪢\",\"number\":-7,\"type\":\"TYPE_BOOL\"}");
    assertThat(codec.encode(values().get(3))).asString().isEqualTo("\"1970-01-01T00:00:01.005Z\"");
    assertThat(codec.decode(utf8("{\"json_name\":\"a\",\"new\":[1]}"), FieldDescriptorProto.class))
        .isEqualTo(FieldDescriptorProto.newBuilder().setJsonName("a").build());
  }

  @Test
  void whatANewerTypeSendsIsIgnoredOrRefused() {
    FieldDescriptorProto none = FieldDescriptorProto.getDefaultInstance();

    assertThat(codec.decode(utf8("{\"type\":\"TYPE_NEW\"}"), FieldDescriptorProto.class))
        .isEqualTo(none);
    assertThat(codec.decode(utf8("{\"renamed\":1}"), FieldDescriptorProto.class)).isEqualTo(none);
    assertThat(
            catchThrowableOfType(
                    CodecException.class,
                    () -> codec.decode(utf8("{\"number\":4294967301}"), FieldDescriptorProto.class))
                .code())
        .isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void anAnyIsRefused() {
    Any any = Any.pack(Timestamp.getDefaultInstance());
    byte[] body =
        utf8("{\"@type\":\"type.googleapis.com/google.protobuf.Timestamp\",\"value\":\"x\"}");

    for (CodecException e :
        List.of(
            catchThrowableOfType(CodecException.class, () -> codec.encode(any)),
            catchThrowableOfType(CodecException.class, () -> codec.decode(body, Any.class)))) {
      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    }
  }

  private static Struct struct(String name, Value value) {
    return Struct.newBuilder().putFields(name, value).build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
