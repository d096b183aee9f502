package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.serialization.AvroCodec;
import io.carrick.serialization.CborCodec;
import io.carrick.serialization.DeflateCompressor;
import io.carrick.serialization.GzipCompressor;
import io.carrick.serialization.Lz4Compressor;
import io.carrick.serialization.MessagePackCodec;
import io.carrick.serialization.SnappyCompressor;
import io.carrick.serialization.ZstdCompressor;
import io.carrick.spi.Codec;
import io.carrick.spi.Compressor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bodies that libraries of Python read and make: cbor2, msgpack and fastavro; and blocks that
 * zstandard, lz4, cramjam and its own zlib do.
 */
@Timeout(120)
final class ForeignBodiesTest {

  record Line(String item, int count) {}

  record Order(
      String id,
      List<Line> lines,
      Optional<String> note,
      Instant at,
      BigDecimal price,
      BigInteger serial,
      UUID key,
      double ratio,
      long size,
      boolean paid,
      Map<String, Integer> counts) {}

  private static final Order ORDER =
      new Order(
          "線 🪢",
          List.of(new Line("rope", -1), new Line("", 70_000)),
          Optional.empty(),
          Instant.parse("2026-01-02T03:04:05.678901Z"),
          new BigDecimal("12.50"),
          BigInteger.TWO.pow(70),
          UUID.fromString("00000000-0000-0001-ffff-fffffffffffe"),
          0.1,
          Long.MIN_VALUE,
          true,
          Map.of("k", 1));

  /** As Python tells it, its keys sorted. */
  private static final String TOLD =
      "{\"at\": \"2026-01-02T03:04:05.678901Z\", \"counts\": {\"k\": 1},"
          + " \"id\": \"\\u7dda \\ud83e\\udea2\","
          + " \"key\": \"00000000-0000-0001-ffff-fffffffffffe\","
          + " \"lines\": [{\"count\": -1, \"item\": \"rope\"}, {\"count\": 70000, \"item\": \"\"}],"
          + " \"note\": null, \"paid\": true, \"price\": \"12.50\", \"ratio\": 0.1,"
          + " \"serial\": \"1180591620717411303424\", \"size\": -9223372036854775808}";

  private final AvroCodec avro = new AvroCodec();

  @BeforeEach
  void check() {
    Language.PYTHON.check();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cbor", "msgpack", "avro"})
  void aRecordIsReadAndMadeByPython(String format) {
    List<String> out = python(format, codec(format).encode(ORDER));

    assertThat(out.get(0)).isEqualTo(TOLD);
    byte[] made = HexFormat.of().parseHex(out.get(1));
    assertThat(codec(format).decode(made, Order.class)).isEqualTo(ORDER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cbor", "msgpack"})
  void bytesAndNumbersKeepTheirKinds(String format) {
    Codec codec = codec(format);
    byte[] body =
        codec.encode(List.of(new byte[] {1, -1}, 1.0, 1.5f, 1L << 40, "x".repeat(300), 127, -33));

    List<String> out = python(format, body);

    assertThat(out.get(0))
        .isEqualTo(
            "[{\"bytes\": \"01ff\"}, 1.0, 1.5, 1099511627776, \""
                + "x".repeat(300)
                + "\", 127, -33]");
    Object[] back = codec.decode(HexFormat.of().parseHex(out.get(1)), Object[].class);
    assertThat(back[0]).isEqualTo(new byte[] {1, -1});
    assertThat(List.of(back).subList(1, 7))
        .isEqualTo(List.of(1.0, 1.5, 1L << 40, "x".repeat(300), 127, -33));
  }

  static Stream<Compressor> compressors() {
    return Stream.of(
        new ZstdCompressor(),
        new Lz4Compressor(),
        new SnappyCompressor(),
        new GzipCompressor(),
        new DeflateCompressor());
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void aBlockIsUndoneAndMadeByPython(Compressor compressor) {
    byte[] plain = TOLD.repeat(20).getBytes(StandardCharsets.UTF_8);
    byte[] block = compressor.compress(plain);
    // The length, of two bytes here, is ours.
    byte[] theirs = Arrays.copyOfRange(block, 2, block.length);

    List<String> out =
        run("blocks.py", compressor.encoding(), hex(theirs), Integer.toString(plain.length));

    assertThat(out.get(0)).isEqualTo(hex(plain));
    byte[] made = HexFormat.of().parseHex(hex(Arrays.copyOf(block, 2)) + out.get(1));
    assertThat(compressor.decompress(made, plain.length)).isEqualTo(plain);
  }

  private Codec codec(String format) {
    return switch (format) {
      case "cbor" -> new CborCodec();
      case "avro" -> avro;
      default -> new MessagePackCodec();
    };
  }

  private List<String> python(String format, byte[] body) {
    if (!format.equals("avro")) {
      return run("bodies.py", format, hex(body));
    }
    long fingerprint = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    String schema = avro.schema(HexFormat.of().toHexDigits(fingerprint)).orElseThrow();
    return run("bodies.py", format, hex(body), schema);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static List<String> run(String name, String... arguments) {
    Path samples = Path.of("../samples/python").toAbsolutePath().normalize();
    List<String> command = new ArrayList<>();
    command.add(samples.resolve(".venv/bin/python").toString());
    command.add(Path.of("src/test/python", name).toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    try (Program program = Program.start(samples, command)) {
      Program.Result result = program.end();
      assertThat(result.err()).as("run samples/setup").isEmpty();
      assertThat(result.exit()).isZero();
      return result.out();
    }
  }
}
