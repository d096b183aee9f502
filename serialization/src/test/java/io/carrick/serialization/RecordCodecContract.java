package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.carrick.CodecException;
import io.carrick.Message;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.testkit.CodecContract;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the codecs for records share, whatever their bytes look like. */
abstract class RecordCodecContract extends CodecContract {

  record Line(String item, int count) {}

  record Order(
      String id,
      List<Line> lines,
      Optional<String> note,
      Instant at,
      BigDecimal price,
      Map<String, Integer> counts,
      Object any) {}

  record Times(
      OffsetDateTime at,
      ZonedDateTime in,
      OffsetTime time,
      LocalDate day,
      Duration took,
      Map<ZonedDateTime, Integer> keys) {}

  enum Unit {
    METRE,
    FOOT
  }

  record Numbers(
      int count,
      long size,
      Integer boxed,
      BigInteger big,
      double ratio,
      float share,
      double[] all,
      float[] few,
      Object any,
      boolean flag,
      Unit unit,
      BigDecimal exact,
      UUID id) {}

  record Page<T>(int number, List<T> items) {}

  /** A name for each kind, and no class. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Square.class, name = "square")
  })
  sealed interface Shape permits Circle, Square {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  @Override
  protected Map<TypeRef<?>, Object> genericValues() {
    List<Line> lines = List.of(new Line("rope", 2), new Line("線", -1));
    return Map.of(
        new TypeRef<List<Line>>() {},
        lines,
        new TypeRef<Map<String, Line>>() {},
        Map.of("a", lines.get(0)),
        new TypeRef<Map<String, List<Optional<Line>>>>() {},
        Map.of("a", List.of(Optional.of(lines.get(0)), Optional.empty())),
        new TypeRef<Page<Line>>() {},
        new Page<>(3, lines),
        new TypeRef<Optional<Line>>() {},
        Optional.of(lines.get(1)),
        new TypeRef<List<? extends Shape>>() {},
        List.of(new Circle(1), new Square(2)));
  }

  @Override
  protected List<Object> values() {
    List<Line> lines = List.of(new Line("rope", 2), new Line("線 🪢", -1));
    Instant at = Instant.parse("2026-01-02T03:04:05.678901Z");
    return List.of(
        new Order(
            "A-17",
            lines,
            Optional.of("n"),
            at,
            new BigDecimal("12.50"),
            Map.of("k", 7),
            List.of(1, "two")),
        new Order(
            "",
            List.of(),
            Optional.empty(),
            Instant.EPOCH,
            BigDecimal.ZERO,
            Map.of(),
            Map.of("k", 1)),
        new Line("bend", Integer.MAX_VALUE),
        "text",
        42,
        true);
  }

  @Override
  protected Object randomValue(SplittableRandom random) {
    return new Order(
        text(random),
        Stream.generate(() -> new Line(text(random), random.nextInt()))
            .limit(random.nextInt(20))
            .toList(),
        random.nextBoolean() ? Optional.empty() : Optional.of(text(random)),
        Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
        new BigDecimal(BigInteger.valueOf(random.nextLong()), random.nextInt(-40, 40)),
        IntStream.range(0, random.nextInt(10))
            .boxed()
            .collect(Collectors.toMap(i -> i + text(random), i -> random.nextInt())),
        random.nextBoolean() ? null : List.of(random.nextInt(), text(random), Map.of("", 0.5)));
  }

  @Override
  protected Object unsupportedValue() {
    return Message.ofText("no");
  }

  @Override
  protected Class<?> hostileType() {
    return Order.class;
  }

  /** A body of this value, whose maps stand for objects, as a foreign end makes it. */
  protected byte[] body(Object value) {
    return codec().encode(value);
  }

  @Test
  void timesKeepTheirOffsetAndTheirZone() {
    for (String zone : List.of("Europe/Berlin", "UTC", "Z", "+05:30", "GMT+2")) {
      ZonedDateTime in = LocalDateTime.parse("2026-07-01T09:00:00.5").atZone(ZoneId.of(zone));
      Times times =
          new Times(
              in.toOffsetDateTime(),
              in,
              OffsetTime.parse("10:00-03:00"),
              in.toLocalDate(),
              Duration.parse("PT1.000000001S"),
              Map.of(in, 1));

      assertThat(codec().decode(codec().encode(times), Times.class)).as(zone).isEqualTo(times);
    }
  }

  @Test
  void aNewerPeersPropertiesAreIgnored() {
    byte[] newer = body(Map.of("item", "a", "count", 1, "colour", List.of(Map.of("r", 255))));

    assertThat(codec().decode(newer, Line.class)).isEqualTo(new Line("a", 1));
  }

  @Test
  void whatWouldBecomeAnotherNumberIsRefused() {
    for (Map<String, ?> bad :
        List.of(
            Map.of("count", 1.9),
            Map.of("count", 1.0),
            Map.of("count", 1L << 31),
            Map.of("size", new BigInteger("9223372036854775808")),
            Map.of("boxed", 1.5),
            Map.of("big", 1.5),
            Map.of("share", 1e39),
            Map.of("few", List.of(1, 1e39)),
            Map.of("flag", 1),
            Map.of("unit", 1),
            Map.of("unit", "YARD"))) {
      CodecException e = failure(body(bad), Numbers.class);

      assertThat(e).as(bad.toString()).isNotNull();
      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      assertThat(e).hasMessageContaining(bad.keySet().iterator().next());
    }
  }

  @Test
  void whatIsTheSameNumberIsTaken() {
    Map<String, ?> body =
        Map.of("ratio", 1, "share", 0.5, "all", List.of(1, 1e300), "unit", "FOOT", "flag", true);

    Numbers numbers = codec().decode(body(body), Numbers.class);

    assertThat(numbers.ratio()).isEqualTo(1.0);
    assertThat(numbers.share()).isEqualTo(0.5f);
    assertThat(numbers.all()).containsExactly(1, 1e300);
    assertThat(numbers.unit()).isEqualTo(Unit.FOOT);
  }

  @Test
  void numbersOfAnyTypeAreTheSmallestThatHoldThem() {
    List<Object> numbers =
        List.of(
            1, -1, Integer.MAX_VALUE, 1L << 31, Integer.MIN_VALUE, -1L << 32, Long.MIN_VALUE, 0.5);

    assertThat(codec().decode(codec().encode(numbers), Object.class)).isEqualTo(numbers);
  }

  @Test
  void aFailureNamesThePropertyAndItsType() {
    byte[] body = body(Map.of("lines", List.of(Map.of("count", 1), Map.of("count", "many"))));

    CodecException e = failure(body, Order.class);

    assertThat(e).hasMessageContaining("in lines[1].count of type int");
    assertThat(e).hasMessageContaining(Order.class.getName());
    assertThat(failure(body(Map.of("counts", Map.of("hunter2", "x"))), Order.class))
        .hasMessageContaining("in counts[*] of type java.lang.Integer")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aValueThatIsTooDeepIsRefused() {
    Object deep = 1;
    for (int i = 0; i < 65; i++) {
      deep = List.of(deep);
    }
    List<Object> knot = new ArrayList<>();
    knot.add(knot);

    for (Object value : List.of(deep, knot, new Order("", null, null, null, null, null, knot))) {
      CodecException e = catchThrowableOfType(CodecException.class, () -> codec().encode(value));

      assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
      assertThat(e).hasMessageContaining("64");
    }
  }

  protected final CodecException failure(byte[] body, Class<?> type) {
    return catchThrowableOfType(CodecException.class, () -> codec().decode(body, type));
  }
}
