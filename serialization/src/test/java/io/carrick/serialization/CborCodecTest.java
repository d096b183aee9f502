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

class CborCodecTest extends RecordCodecContract {

  private static final String ANY = "a163616e79"; // {"any":

  private final CborCodec codec = new CborCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.of(new CborCodec(maxBytes));
  }

  @Override
  protected Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("100k arrays", join(ANY, filled(100_000, 0x81)));
    bombs.put("100k arrays without a length", join(ANY, filled(100_000, 0x9F)));
    bombs.put("100k maps", join("", "a163616e79".repeat(100_000)));
    bombs.put("100k ignored arrays", join("a16178", filled(100_000, 0x81)));
    bombs.put("100k tags", join(ANY, filled(100_000, 0xC6), "01"));
    bombs.put("100k ignored tags", join("a16178", filled(100_000, 0xC6), "01"));
    bombs.put("bytes of 2^31-1", join(ANY, "5a7fffffff", "00"));
    bombs.put("bytes of 2^63-1", join(ANY, "5b7fffffffffffffff", "00"));
    bombs.put("text of 2^31-1", join(ANY, "7a7fffffff", "78"));
    bombs.put("array of 2^31-1", join(ANY, "9a7fffffff", "00"));
    bombs.put("arrays of 2^31-1 in each other", join(ANY, "9a7fffffff".repeat(8_000)));
    bombs.put("map of 2^31-1", join(ANY, "ba7fffffff", "00"));
    bombs.put("bignum of 1 MB", join(ANY, "c25a000f4240", filled(1_000_000, 0xFF)));
    bombs.put("1M digits", join("a1657072696365", "7a000f4240", filled(1_000_000, '9')));
    bombs.put("long text", join("a1626964", "7a00100001", filled((1 << 20) + 1, 'x')));
    bombs.put("long name", join("a1", "7a000186a0", filled(100_000, 'x'), "01"));
    return bombs;
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    String text = text(secret);
    byte[] good = codec.encode(Map.of("id", secret));
    return List.of(
        Arrays.copyOf(good, good.length - 1),
        join("a1", text("at"), "5a0000000d", hex(secret)),
        join("a1", text("at"), text),
        join("a1", text("lines"), "81", "a1", text("count"), text),
        join("a1", text("counts"), "a1", text, text),
        join("a2", text, "01", text, "02"),
        join(ANY, "a2", text, "01", text, "02"),
        join("a0", text),
        join("81", text),
        join(text),
        join("f6"),
        join("ff"));
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
    // Tag 27: an object of a class.
    bodies.add(join(ANY, "d81b82", text(className), "01"));
    return bodies;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c11a5f5e1000", // a time
        "c249010000000000000000", // a bignum
        "d9d9f701", // CBOR itself
        "d90100816161", // references to texts
        "a16178c101", // within an object
        "a1c1617801", // a name
        "9fc101ff" // within an array
      })
  void tagsAreRefused(String tagged) {
    for (byte[] body : List.of(join(ANY, tagged), join("a167", hex("unknown"), tagged))) {
      assertThat(failure(body, Order.class).code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    }
    assertThat(failure(join(tagged), Object.class))
        .hasMessageContaining("a tag")
        .hasMessageContaining("byte");
  }

  @ParameterizedTest
  @ValueSource(strings = {"63eda080", "62c080", "61ff", "7f61ff61ffff", "63e282"})
  void whatIsNoUtf8IsRefused(String text) {
    for (byte[] body :
        List.of(join(ANY, text), join("a1", text, "01"), join(ANY, "a1", text, "01"))) {
      CodecException e = failure(body, Order.class);

      assertThat(e).as(HexFormat.of().formatHex(body)).isNotNull();
      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void bytesAndNumbersHaveTheirShortestForms() {
    assertThat(codec.encode(Map.of("b", new byte[] {1, 2}))).isEqualTo(join("bf6162420102ff"));
    assertThat(codec.encode(List.of(23, -1L, 1.5, 1.5f, true)))
        .isEqualTo(join("85", "17", "20", "fb3ff8000000000000", "fa3fc00000", "f5"));
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
    return "78" + HexFormat.of().toHexDigits((byte) utf8.length) + hex(text);
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
