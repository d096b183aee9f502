package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Compressor;
import io.carrick.testkit.CompressorContract;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the compressors that come with Carrick share: their blocks, and the bombs among them. */
abstract class BlockCompressorContract extends CompressorContract {

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  final BlockCompressor compressor;

  BlockCompressorContract(BlockCompressor compressor) {
    this.compressor = compressor;
  }

  @Override
  protected Compressor compressor() {
    return compressor;
  }

  @Override
  protected Map<String, byte[]> bombs() {
    byte[] zeros = packed(new byte[16 * MIB]);
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("4 KiB that declare 1 GiB", block(1 << 30, new byte[4 * KIB]));
    bombs.put(
        "4 KiB of a stream that declare 1 GiB", block(1 << 30, Arrays.copyOf(zeros, 4 * KIB)));
    bombs.put("2^31-1", block(Integer.MAX_VALUE, zeros));
    bombs.put("2^34", block(1L << 34, zeros));
    bombs.put("a length without end", block(-1L >>> 1, zeros));
    bombs.put(
        "16 MiB that declare less",
        block(Math.min(LIMIT, (long) zeros.length * BlockCompressor.MAX_RATIO), zeros));
    bombs.put("16 MiB that declare 64 KiB", block(64 * KIB, zeros));
    bombs.put("1 KiB that declares 64 KiB", block(64 * KIB, packed(new byte[KIB])));
    return bombs;
  }

  /** Bytes as the library compresses them, without their length. */
  final byte[] packed(byte[] bytes) {
    byte[] into = new byte[compressor.most(bytes.length)];
    try {
      return Arrays.copyOf(into, compressor.pack(bytes, into, 0));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatWouldGrowTooMuchGoesAsItIs() {
    byte[] block = compressor.compress(new byte[MIB]);

    if (block.length > 0) {
      assertThat(MIB).isLessThanOrEqualTo(block.length * BlockCompressor.MAX_RATIO);
      assertThat(compressor.decompress(block, MIB)).isEqualTo(new byte[MIB]);
    }
    byte[] small = compressor.compress(new byte[64 * KIB]);
    assertThat(compressor.decompress(small, MIB)).isEqualTo(new byte[64 * KIB]);
  }

  @Test
  void aBombIsRefusedByWhatItDeclares() {
    CodecException e =
        catchThrowableOfType(
            CodecException.class,
            () -> compressor.decompress(block(LIMIT, new byte[4 * KIB]), LIMIT));

    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(e)
        .hasMessageContaining(compressor.encoding() + " payload of 4100 bytes declares 4194304")
        .hasMessageContaining("200 times");
  }

  /** A block is the length of its bytes, as a varint, and what follows. */
  static byte[] block(long length, byte[] rest) {
    byte[] block = new byte[10 + rest.length];
    int at = 0;
    long left = length;
    while (left > 127) {
      block[at++] = (byte) (left | 128);
      left >>>= 7;
    }
    block[at++] = (byte) left;
    System.arraycopy(rest, 0, block, at, rest.length);
    return Arrays.copyOf(block, at + rest.length);
  }
}
