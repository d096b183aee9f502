package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Struct;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest extends RecordCodecContract {

  private static final String TEN_NINES = "9999999999";

  private final JsonCodec codec = new JsonCodec();

  record Named(Class<?> type) {}

  record Annotated(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Line line) {}

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new JsonCodec(maxBytes));
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
        utf8("{\"any\":{\"" + secret + "\":oops}}"),
        utf8("{\"counts\":{\"" + secret + "\":\"x\"}}"),
        utf8("{\"" + secret + "\":1,\"" + secret + "\":2}"),
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

  @Test
  void timesAreTextsOfIso8601() {
    assertThat(codec.encode(OffsetDateTime.parse("2026-03-01T10:00:00+05:30")))
        .asString()
        .isEqualTo("\"2026-03-01T10:00:00+05:30\"");
    assertThat(codec.encode(ZonedDateTime.parse("2026-07-01T09:00:00+02:00[Europe/Berlin]")))
        .asString()
        .isEqualTo("\"2026-07-01T09:00:00+02:00[Europe/Berlin]\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"count\":1.9",
        "\"count\":1.0",
        "\"count\":1e2",
        "\"count\":2147483648",
        "\"size\":1.5",
        "\"size\":9223372036854775808",
        "\"boxed\":1.5",
        "\"big\":1.5",
        "\"ratio\":1e400",
        "\"ratio\":-1e400",
        "\"share\":1e39",
        "\"all\":[1,1e400]",
        "\"few\":[1,1e39]",
        "\"any\":1e400",
        "\"any\":[{\"a\":1e400}]",
        "\"flag\":2",
        "\"flag\":1",
        "\"unit\":1",
        "\"count\":1,\"count\":1",
        "\"any\":{\"a\":1,\"b\":2,\"c\":3,\"a\":1}",
        "\"unknown\":{\"a\":1,\"a\":1}"
      })
  void whatWouldBecomeAnotherValueIsRefused(String property) {
    CodecException e = failure("{" + property + "}", Numbers.class);

    assertThat(e).as(property).isNotNull();
    assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void whatIsTheSameValueIsTaken() {
    String body =
        "{\"count\":1,\"ratio\":1,\"share\":0.5,\"all\":[1,1e300],\"any\":1e300,\"exact\":1e400,"
            + "\"flag\":true,\"unit\":\"FOOT\",\"big\":10000000000000000000}";

    Numbers numbers = codec.decode(utf8(body), Numbers.class);

    assertThat(numbers.ratio()).isEqualTo(1.0);
    assertThat(numbers.all()).containsExactly(1, 1e300);
    assertThat(numbers.exact()).isEqualByComparingTo("1e400");
    assertThat(numbers.unit()).isEqualTo(Unit.FOOT);
    assertThat(codec.decode(codec.encode(Double.NaN), Double.class)).isNaN();
    assertThat(codec.decode(codec.encode(Double.NEGATIVE_INFINITY), Double.class)).isInfinite();
  }

  record Held(Shape shape) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes(@JsonSubTypes.Type(value = Circle.class, name = "circle"))
  interface Shape {}

  record Circle(double radius) implements Shape {}

  @Test
  void aNumberBeyondItsTypeIsRefusedWhereTheNameOfTheTypeComesLast() {
    String body = "{\"shape\":{\"radius\":%s,\"@type\":\"circle\"}}";

    assertThat(codec.decode(utf8(body.formatted("1e300")), Held.class))
        .isEqualTo(new Held(new Circle(1e300)));
    assertThat(failure(body.formatted("1e400"), Held.class)).isNotNull();
  }

  @Test
  void aClassIsNotEncoded() {
    for (Object value : List.of(String.class, new Named(Line.class), List.of(int.class))) {
      CodecException e = catchThrowableOfType(CodecException.class, () -> codec.encode(value));

      assertThat(e).as(value.toString()).hasMessageContaining("send its name as a string");
    }
  }

  private CodecException failure(String body, Class<?> type) {
    return catchThrowableOfType(CodecException.class, () -> codec.decode(utf8(body), type));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
