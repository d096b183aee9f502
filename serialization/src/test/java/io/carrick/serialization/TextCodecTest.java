package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carrick.CodecException;
import io.carrick.spi.Codec;
import io.carrick.testkit.CodecContract;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TextCodecTest extends CodecContract {

  private final TextCodec codec = new TextCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected List<Object> values() {
    return List.of("", "plain", "grün, 線, 🪢", "\uFFFD stands for itself", "\u0000\r\n");
  }

  @Override
  protected Object randomValue(SplittableRandom random) {
    return text(random);
  }

  @Override
  protected Object unsupportedValue() {
    return 42;
  }

  @Override
  protected Class<?> hostileType() {
    return String.class;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    return Map.of();
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    byte[] broken = (secret + "_").getBytes(StandardCharsets.UTF_8);
    broken[broken.length - 1] = (byte) 0xC3;
    byte[] surrogate = {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80};
    return List.of(broken, surrogate);
  }

  @Test
  void bytesThatAreNoUtf8AreRefusedWithTheirPlace() {
    byte[] late = "x".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    late[4_321] = (byte) 0xFF;

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.decode(late, String.class))
        .withMessageContaining("byte 4321, no UTF-8");
  }

  @Test
  void anUnpairedSurrogateIsRefused() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.encode("\uD83E"))
        .withMessageContaining("unpaired surrogate");
  }

  @Test
  void anyCharSequenceIsText() {
    StringBuilder builder = new StringBuilder("knot");
    CharBuffer buffer = CharBuffer.wrap("knot");

    for (CharSequence text : List.of(builder, new StringBuffer("knot"), buffer, new Segment())) {
      assertThat(codec.supports(text.getClass())).isTrue();
      assertThat(codec.decode(codec.encode(text), CharSequence.class)).hasToString("knot");
    }
    assertThat(buffer.remaining()).isEqualTo(4);
    assertThat(codec.decode(codec.encode(builder), StringBuilder.class)).hasToString("knot");
    assertThat((Object) codec.decode(codec.encode(builder), CharBuffer.class)).isEqualTo(buffer);
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.decode(codec.encode(builder), Segment.class))
        .withMessageContaining("use String or CharSequence");
  }

  private static final class Segment implements CharSequence {
    @Override
    public int length() {
      return 4;
    }

    @Override
    public char charAt(int index) {
      return "knot".charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return "knot".substring(start, end);
    }

    @Override
    public String toString() {
      return "knot";
    }
  }
}
