package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carrick.CodecException;
import io.carrick.spi.Codec;
import io.carrick.testkit.CodecContract;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BytesCodecTest extends CodecContract {

  private final BytesCodec codec = new BytesCodec();

  @Override
  protected Codec codec() {
    return codec;
  }

  @Override
  protected List<Object> values() {
    return List.of(new byte[0], new byte[] {1, -1, 0}, ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  @Override
  protected Object randomValue(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(1_000)];
    random.nextBytes(bytes);
    return random.nextBoolean() ? bytes : ByteBuffer.wrap(bytes);
  }

  @Override
  protected Object unsupportedValue() {
    return "text";
  }

  @Override
  protected Class<?> hostileType() {
    return byte[].class;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    return Map.of();
  }

  @Override
  protected List<byte[]> malformed(String secret) {
    return List.of();
  }

  @Test
  void aBufferIsEncodedFromItsPositionWhichStays() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).put(3, (byte) 7).position(3).limit(5);

    assertThat(codec.encode(buffer)).containsExactly(7, 0);
    assertThat(buffer.position()).isEqualTo(3);
  }

  @Test
  void bytesDecodeAsABufferOfTheirOwn() {
    byte[] bytes = {1, 2};

    ByteBuffer buffer = codec.decode(bytes, ByteBuffer.class);
    bytes[0] = 9;

    assertThat(buffer).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
  }

  @Test
  void aBufferOfAnotherKindIsRefusedOnDecode() {
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.decode(new byte[1], MappedByteBuffer.class))
        .withMessageContaining("java.nio.MappedByteBuffer");
  }
}
