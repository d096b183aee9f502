package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroCodecTest extends RecordCodecContract {

  private static final String LINE =
      "{\"type\":\"record\",\"name\":\"Line\",\"fields\":["
          + "{\"name\":\"count\",\"type\":\"int\"},{\"name\":\"item\",\"type\":\"string\"}]}";

  /** Something of each kind, as somebody else may write it. */
  private static final String ANYTHING =
      "{\"type\":\"record\",\"name\":\"O\",\"fields\":[{\"name\":\"any\",\"type\":%s}]}";

  private final Map<String, String> others = new HashMap<>();
  private final AvroCodec codec =
      new AvroCodec(fingerprint -> Optional.ofNullable(others.get(fingerprint)));

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new AvroCodec(fingerprint -> Optional.empty(), maxBytes));
  }

  private byte[] of(String schema, Object... parts) {
    Schema parsed = new Schema.Parser().parse(schema);
    long fingerprint = SchemaNormalization.parsingFingerprint64(parsed);
    others.put(HexFormat.of().toHexDigits(fingerprint), schema);
    byte[] head =
        ByteBuffer.allocate(10)
            .putShort((short) 0xC301)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(fingerprint)
            .array();
    return join(head, join(parts));
  }

  private byte[] any(String type, Object... parts) {
    return of(ANYTHING.formatted(type), parts);
  }

  @Override
  protected Map<String, byte[]> bombs() {
    String list =
        "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"L\"]}]}";
    String self =
        "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":\"L\"}]}";
    String lists =
        "{\"type\":\"record\",\"name\":\"L\",\"fields\":["
            + "{\"name\":\"next\",\"type\":{\"type\":\"array\",\"items\":\"L\"}}]}";
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k records in each other", any(list, filled(100_000, 2)));
    bombs.put("records in each other without end", any(self));
    bombs.put("100k arrays in each other", any(lists, filled(100_000, 2)));
    bombs.put("arrays of 2^31-1 in each other", any(lists, join("feffffff0f".repeat(8_000))));
    bombs.put("array of 2^31-1", any(array("int"), "feffffff0f", "00"));
    bombs.put("array of 2^62 nulls", any(array("null"), "feffffffffffffffff01"));
    bombs.put("array of -2^63", any(array("null"), "ffffffffffffffffff01", "00"));
    bombs.put("nulls of 2^31-1 again and again", any(array("null"), "feffffff0f".repeat(1_000)));
    bombs.put("map of 2^31-1", any("{\"type\":\"map\",\"values\":\"int\"}", "feffffff0f", "00"));
    bombs.put("bytes of 2^31-1", any("\"bytes\"", "feffffff0f", "00"));
    bombs.put("bytes of -1", any("\"bytes\"", "01", "00"));
    bombs.put("text of 2^62", any("\"string\"", "feffffffffffffffff01", "00"));
    bombs.put(
        "fixed of 10^9", any("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1000000000}", "00"));
    bombs.put("long text", any("\"string\"", "82808001", filled((1 << 20) + 1, 'x')));
    bombs.put("a number without end", any("\"long\"", filled(1_000, 0xFF)));
    return bombs;
  }

  private static String array(String items) {
    return "{\"type\":\"array\",\"items\":\"" + items + "\"}";
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    String text = text(secret);
    byte[] good = codec.encode(Map.of("id", secret));
    return List.of(
        Arrays.copyOf(good, good.length - 1),
        join(good, "00"),
        join(hex(secret)),
        join("c301", hex(secret)),
        any("[\"null\",\"string\"]", "06", text),
        of(
            "{\"type\":\"record\",\"name\":\"O\",\"fields\":["
                + "{\"name\":\"at\",\"type\":\"string\"}]}",
            text),
        of("\"string\"", text),
        of(array("string"), "02", text, "00"),
        of("{\"type\":\"map\",\"values\":\"string\"}", "04", text, text, text, text, "00"));
  }

  @Override
  protected List<byte[]> namingClass(String className) {
    List<byte[]> bodies = new ArrayList<>();
    for (String name : List.of("@class", "@type", "class", "type")) {
      Map<String, Object> named = Map.of(name, className, "x", 1);
      bodies.add(codec.encode(named));
      bodies.add(codec.encode(Map.of("any", named)));
    }
    int dot = className.lastIndexOf('.');
    bodies.add(
        of(
            "{\"type\":\"record\",\"name\":\""
                + className.substring(dot + 1)
                + "\",\"namespace\":\""
                + className.substring(0, dot)
                + "\",\"fields\":[{\"name\":\"any\",\"type\":{\"type\":\"string\","
                + "\"avro.java.string\":\"String\",\"java-class\":\""
                + className
                + "\"}}]}",
            text("x")));
    return bodies;
  }

  @Test
  void aBodyIsThatOfOtherWritersAndReaders() throws Exception {
    Line line = new Line("線", -7);
    byte[] body = codec.encode(line);
    String fingerprint =
        HexFormat.of().toHexDigits(ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getLong(2));

    Schema schema = new Schema.Parser().parse(codec.schema(fingerprint).orElseThrow());
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(schema)
            .read(null, DecoderFactory.get().binaryDecoder(body, 10, body.length - 10, null));
    assertThat(read.get("item")).hasToString("線");
    assertThat(read.get("count")).isEqualTo(-7);
    assertThat(schema.toString())
        .isEqualTo(
            "{\"type\":\"record\",\"name\":\"Line\",\"fields\":["
                + "{\"name\":\"item\",\"type\":[\"null\",\"string\"]},"
                + "{\"name\":\"count\",\"type\":\"int\"}]}");

    GenericRecord theirs = new GenericData.Record(new Schema.Parser().parse(LINE));
    theirs.put("item", "rope");
    theirs.put("count", 3);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new GenericDatumWriter<GenericRecord>(theirs.getSchema())
        .write(theirs, EncoderFactory.get().directBinaryEncoder(out, null));
    assertThat(codec.decode(of(LINE, out.toByteArray()), Line.class))
        .isEqualTo(new Line("rope", 3));
  }

  @Test
  void anotherCodecReadsTheSameTypeWithoutAsking() {
    Line line = new Line("rope", 1);

    assertThat(new AvroCodec().decode(codec.encode(line), Line.class)).isEqualTo(line);
  }

  record Newer(String item, int count, Optional<LocalDate> due) {}

  @Test
  void aSchemaThatIsNotKnownIsAskedForOnce() {
    Newer newer = new Newer("rope", 1, Optional.of(LocalDate.parse("2026-03-01")));
    AvroCodec writer = new AvroCodec();
    AtomicInteger asked = new AtomicInteger();
    AvroCodec asking =
        new AvroCodec(
            fingerprint -> {
              asked.incrementAndGet();
              return writer.schema(fingerprint);
            });
    byte[] body = writer.encode(newer);

    assertThat(asking.decode(body, Line.class)).isEqualTo(new Line("rope", 1));
    assertThat(asking.decode(body, Line.class)).isEqualTo(new Line("rope", 1));
    assertThat(asked).hasValue(1);
    assertThat(refusal(new AvroCodec(), body))
        .hasMessageContaining("it is not known here: give the codec a source of schemas");
  }

  private static CodecException refusal(Codec codec, byte[] body) {
    CodecException e =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            CodecException.class, () -> codec.decode(body, Line.class));
    assertThat(e.code()).isIn(StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED);
    return e;
  }

  @Test
  void whatTheSourceGivesIsNotBelieved() {
    byte[] body = new AvroCodec().encode(new Newer("rope", 1, Optional.empty()));

    for (String text : List.of("\"int\"", "{", "[".repeat(1_000), " ".repeat(70_000), LINE)) {
      assertThat(refusal(new AvroCodec(fingerprint -> Optional.of(text)), body))
          .hasMessageContaining("by its schema, of fingerprint ");
    }
    AvroCodec failing =
        new AvroCodec(
            fingerprint -> {
              throw new IllegalStateException("no network");
            });
    assertThat(refusal(failing, body))
        .hasMessageContaining("failed")
        .hasRootCauseMessage("no network");
    assertThat(codec.schema("")).isEmpty();
    assertThat(codec.schema("0000000000000000")).isEmpty();
    assertThat(codec.schema("x".repeat(100))).isEmpty();
  }

  @Test
  void eightSchemasAreAskedForAtATime() throws Exception {
    byte[] body = new AvroCodec().encode(new Newer("rope", 1, Optional.empty()));
    CountDownLatch asked = new CountDownLatch(8);
    CountDownLatch answered = new CountDownLatch(1);
    AvroCodec slow =
        new AvroCodec(
            fingerprint -> {
              asked.countDown();
              try {
                answered.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Optional.empty();
            });
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<CodecException>> refusals = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        refusals.add(pool.submit(() -> refusal(slow, body)));
      }
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();

      assertThat(refusal(slow, body)).hasMessageContaining("8 schemas are asked for already");

      answered.countDown();
      for (Future<CodecException> refusal : refusals) {
        assertThat(refusal.get(30, TimeUnit.SECONDS)).hasMessageContaining("not known here");
      }
    } finally {
      pool.shutdownNow();
    }
  }

  record Odd(@JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) Unit unit, Optional<Odd> next) {}

  static class Base {
    public int a = 1;
  }

  static final class More extends Base {
    public int b = 2;
  }

  record Holds(Base base) {}

  @Test
  void whatIsWrittenOtherwiseThanItsTypeSaysIsKeptOrRefused() {
    byte[] body =
        codec.encode(new Odd(Unit.FOOT, Optional.of(new Odd(Unit.METRE, Optional.empty()))));
    assertThat(codec.decode(body, Map.class).toString()).contains("unit=1").contains("unit=0");

    CodecException e = null;
    try {
      codec.encode(new Holds(new More()));
    } catch (CodecException thrown) {
      e = thrown;
    }
    assertThat(e).hasMessageContaining("in base");
    assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
  }

  @Test
  void otherKindsOfAvroAreRead() {
    assertThat(read("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "02"))
        .isEqualTo("B");
    assertThat(read("\"bytes\"", "040102")).isEqualTo(new byte[] {1, 2});
    assertThat(read("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "0102"))
        .isEqualTo(new byte[] {1, 2});
    assertThat(read("{\"type\":\"int\",\"logicalType\":\"date\"}", "04")).isEqualTo(2);
    assertThat(read("\"float\"", "0000c03f")).isEqualTo(1.5f);
    assertThat(read(array("int"), "03", "04", "02", "04", "02", "06", "00"))
        .isEqualTo(List.of(1, 2, 3));
  }

  private Object read(String type, Object... parts) {
    return codec.decode(any(type, parts), Map.class).get("any");
  }

  @ParameterizedTest
  @ValueSource(strings = {"06eda080", "04c080", "02ff", "04e282"})
  void whatIsNoUtf8IsRefused(String text) {
    CodecException e = failure(any("\"string\"", text), Order.class);

    assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(e).hasMessageContaining("no UTF-8").hasMessageContaining("byte 10");
  }

  @Test
  void numbersThatAreNoneAreKept() {
    Numbers numbers =
        codec.decode(
            codec.encode(Map.of("ratio", Double.NaN, "share", Float.NEGATIVE_INFINITY)),
            Numbers.class);

    assertThat(numbers.ratio()).isNaN();
    assertThat(numbers.share()).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  private static String text(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    return HexFormat.of().toHexDigits((byte) (2 * utf8.length)) + hex(text);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Bytes, and texts that stand for them in hexadecimal. */
  private static byte[] join(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      out.writeBytes(part instanceof String hex ? HexFormat.of().parseHex(hex) : (byte[]) part);
    }
    return out.toByteArray();
  }
}
