package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagePackCodecTest extends RecordCodecContract {

  private static final String ANY = "81a3616e79"; // {"any":

  private final MessagePackCodec codec = new MessagePackCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new MessagePackCodec(maxBytes));
  }

  @Override
  protected Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k arrays", join(ANY, filled(100_000, 0x91)));
    bombs.put("100k maps", join("81a3616e79".repeat(100_000)));
    bombs.put("100k ignored arrays", join("81a178", filled(100_000, 0x91)));
    bombs.put("bytes of 2^31-1", join(ANY, "c67fffffff", "00"));
    bombs.put("bytes of 2^32-1", join(ANY, "c6ffffffff", "00"));
    bombs.put("text of 2^31-1", join(ANY, "db7fffffff", "78"));
    bombs.put("name of 2^31-1", join("81db7fffffff", "78"));
    bombs.put("array of 2^31-1", join(ANY, "dd7fffffff", "00"));
    bombs.put("arrays of 2^31-1 in each other", join(ANY, "dd7fffffff".repeat(8_000)));
    bombs.put("arrays of their size in each other", join(ANY, "dd00001000".repeat(8_000)));
    bombs.put("map of 2^31-1", join(ANY, "df7fffffff", "00"));
    bombs.put("map of 2^32-1", join(ANY, "dfffffffff", "00"));
    bombs.put("extension of 2^31-1", join(ANY, "c97fffffff01", "00"));
    bombs.put("1M digits", join("81a57072696365", "db000f4240", filled(1_000_000, '9')));
    bombs.put("long text", join("81a26964", "db00100001", filled((1 << 20) + 1, 'x')));
    bombs.put("long name", join("81", "db000186a0", filled(100_000, 'x'), "01"));
    return bombs;
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    String text = text(secret);
    byte[] good = codec.encode(Map.of("id", secret));
    return List.of(
        Arrays.copyOf(good, good.length - 1),
        join("81", text("at"), "c60000000d", hex(secret)),
        join("81", text("at"), text),
        join("81", text("lines"), "91", "81", text("count"), text),
        join("81", text("counts"), "81", text, text),
        join("82", text, "01", text, "02"),
        join(ANY, "82", text, "01", text, "02"),
        join("80", text),
        join("91", text),
        join("81", "91", text, "01"),
        join("c70dff", hex(secret)),
        join(text),
        join("c0"),
        join("c1"));
  }

  @Override
  protected List<byte[]> namingClass(String className) {
    List<byte[]> bodies = new ArrayList<>();
    for (String name : List.of("@class", "@type", "@c", "class", "type", "$type")) {
      Map<String, Object> named = Map.of(name, className, "x", 1);
      bodies.add(codec.encode(named));
      bodies.add(codec.encode(Map.of("any", named)));
    }
    bodies.add(codec.encode(Map.of("any", List.of(className, Map.of("x", 1)))));
    return bodies;
  }

  @ParameterizedTest
  @ValueSource(strings = {"d6ff5f5e1000", "d40100", "c7000a", "91d40100"})
  void extensionTypesAreRefused(String extension) {
    for (byte[] body : List.of(join(extension), join(ANY, extension), join("81a178", extension))) {
      CodecException e = failure(body, Order.class);

      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      assertThat(e).hasMessageContaining("an extension type").hasMessageContaining("byte");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a3eda080", "a2c080", "a1ff", "d903e282ac", "d902e282"})
  void whatIsNoUtf8IsRefused(String text) {
    boolean good = text.endsWith("ac");
    for (byte[] body : List.of(join(ANY, text), join("81", text, "01"))) {
      CodecException e = failure(body, Order.class);

      assertThat(e == null).as(HexFormat.of().formatHex(body)).isEqualTo(good);
    }
  }

  @Test
  void bytesAndNumbersHaveTheirShortestForms() {
    assertThat(codec.encode(Map.of("b", new byte[] {1, 2}))).isEqualTo(join("81a162c4020102"));
    assertThat(codec.encode(List.of(127, -1L, 1.5, 1.5f, true, 1L << 40)))
        .isEqualTo(
            join("96", "7f", "ff", "cb3ff8000000000000", "ca3fc00000", "c3", "cf0000010000000000"));
  }

  @Test
  void namesMayBeWholeNumbers() {
    assertThat((Object) codec.decode(join("8201a161cd0100a162"), Map.class))
        .isEqualTo(Map.of("1", "a", "256", "b"));
    assertThat(failure(join("8201a161a131a162"), Map.class))
        .hasMessageContaining("the same name twice");
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
    return "d9" + HexFormat.of().toHexDigits((byte) utf8.length) + hex(text);
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
