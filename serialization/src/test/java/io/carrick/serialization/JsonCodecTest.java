package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Struct;
import io.carrick.CodecException;
import io.carrick.Message;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import io.carrick.testkit.CodecContract;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonCodecTest extends CodecContract {

  private static final String TEN_NINES = "9999999999";

  private final JsonCodec codec = new JsonCodec();

  record Line(String item, int count) {}

  record Order(
      String id,
      List<Line> lines,
      Optional<String> note,
      Instant at,
      BigDecimal price,
      Object any) {}

  record Named(Class<?> type) {}

  record Annotated(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Line line) {}

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected List<Object> values() {
    List<Line> lines = List.of(new Line("rope", 2), new Line("線 🪢", -1));
    Instant at = Instant.parse("2026-01-02T03:04:05.678901Z");
    return List.of(
        new Order("A-17", lines, Optional.of("n"), at, new BigDecimal("12.50"), List.of(1, "two")),
        new Order("", List.of(), Optional.empty(), Instant.EPOCH, BigDecimal.ZERO, Map.of("k", 1)),
        new Line("bend", Integer.MAX_VALUE),
        "text",
        42,
        true);
  }

  @Override
  protected Object unsupportedValue() {
    return Message.ofText("no");
  }

  @Override
  protected Class<?> hostileType() {
    return Order.class;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k arrays", utf8("{\"any\":" + "[".repeat(100_000)));
    bombs.put("100k closed arrays", utf8("{\"any\":" + "[".repeat(100_000) + "]".repeat(100_000)));
    bombs.put("100k objects", utf8("{\"any\":".repeat(100_000)));
    bombs.put("100k ignored arrays", utf8("{\"unknown\":" + "[".repeat(100_000)));
    bombs.put("101 digits", utf8("{\"price\":" + "9".repeat(101) + "}"));
    bombs.put("1M digits", utf8("{\"any\":" + "9".repeat(1_000_000) + "}"));
    bombs.put("long string", utf8("{\"id\":\"" + "x".repeat((1 << 20) + 1) + "\"}"));
    bombs.put("long name", utf8("{\"" + "x".repeat(100_000) + "\":1}"));
    bombs.put("huge exponent", utf8("{\"lines\":[{\"count\":1e" + TEN_NINES + "}]}"));
    return bombs;
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    return List.of(
        utf8("{\"id\":" + secret + "}"),
        utf8("{\"id\":\"" + secret),
        utf8("{\"at\":\"" + secret + "\"}"),
        utf8("{\"lines\":[{\"count\":\"" + secret + "\"}]}"),
        utf8("{} \"" + secret + "\""),
        utf8("null"),
        utf8("[\"" + secret + "\"]"),
        utf8("\"" + secret + "\""));
  }

  @Override
  protected List<byte[]> namingClass(String className) {
    String quoted = "\"" + className + "\"";
    List<byte[]> bodies = new ArrayList<>();
    for (String name : List.of("@class", "@type", "@c", "class", "type", "$type")) {
      bodies.add(utf8("{\"any\":{\"" + name + "\":" + quoted + ",\"x\":1}}"));
      bodies.add(utf8("{\"" + name + "\":" + quoted + ",\"x\":1}"));
    }
    bodies.add(utf8("{\"any\":[" + quoted + ",{\"x\":1}]}"));
    bodies.add(utf8("[" + quoted + ",{\"x\":1}]"));
    return bodies;
  }

  @Test
  void aNewerPeersPropertiesAreIgnored() {
    Line line = codec.decode(utf8("{\"item\":\"a\",\"count\":1,\"colour\":\"red\"}"), Line.class);

    assertThat(line).isEqualTo(new Line("a", 1));
  }

  @Test
  void aFailureNamesLineAndColumn() {
    CodecException e = failure("{\n  \"item\": oops}", Line.class);

    assertThat(e).hasMessageContaining("at line 2, column 11");
  }

  @Test
  void aPassedLimitIsNamed() {
    CodecException depth = failure("[".repeat(65), Object.class);
    CodecException digits = failure("9".repeat(101), Object.class);

    assertThat(depth.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(depth).hasMessageContaining("64");
    assertThat(digits.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(digits).hasMessageContaining("100");
  }

  @Test
  void whatStandsAtTheLimitIsTaken() {
    String deep = "[".repeat(64) + "]".repeat(64);
    String longest = "\"" + "x".repeat(JsonCodec.MAX_STRING_LENGTH) + "\"";

    assertThat(codec.decode(utf8(deep), Object.class)).isInstanceOf(List.class);
    assertThat(codec.decode(utf8(longest), String.class)).hasSize(JsonCodec.MAX_STRING_LENGTH);
    assertThat(codec.decode(utf8("9".repeat(100)), Object.class)).hasToString("9".repeat(100));
  }

  @Test
  void aDocumentAboveTheConfiguredSizeIsRefused() {
    JsonCodec small = new JsonCodec(4);
    CodecException e =
        catchThrowableOfType(
            CodecException.class, () -> small.decode(utf8("12345"), Integer.class));

    assertThat(small.decode(utf8("1234"), Integer.class)).isEqualTo(1234);
    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(e).hasMessageContaining("5 bytes exceed the 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new JsonCodec(0))
        .withMessageContaining("0");
  }

  @Test
  void aFieldOfTypeClassIsRefused() {
    CodecException e = failure("{\"type\":\"java.lang.String\"}", Named.class);

    assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
    assertThat(e).hasMessageContaining("must not name a class");
  }

  @Test
  void anAnnotationDoesNotLetABodyNameAClass() {
    String body = "{\"line\":{\"@class\":\"" + Line.class.getName() + "\",\"item\":\"a\"}}";

    assertThat(failure(body, Annotated.class)).hasMessageContaining("Annotated");
  }

  @Test
  void aValueThatContainsItselfIsRefused() {
    List<Object> knot = new ArrayList<>();
    knot.add(knot);

    CodecException e = catchThrowableOfType(CodecException.class, () -> codec.encode(knot));

    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
  }

  @Test
  void messagesOfProtobufAreLeftToTheirCodec() {
    assertThat(codec.supports(Struct.class)).isFalse();
    assertThat(codec.supports(MessageLite.class)).isFalse();
    assertThat(codec.supports(byte[].class)).isFalse();
  }

  private CodecException failure(String body, Class<?> type) {
    return catchThrowableOfType(CodecException.class, () -> codec.decode(utf8(body), type));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
