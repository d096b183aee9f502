package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.spi.Compressor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the compressors share: a block is the length of the bytes, as a base-128 varint with the
 * lowest bits first, and then the bytes, compressed in one piece. The length is checked before
 * anything is allocated for it, and what does not decompress to exactly as much is refused.
 */
abstract sealed class BlockCompressor implements Compressor
    permits DeflateCompressor, GzipCompressor, Lz4Compressor, SnappyCompressor, ZstdCompressor {

  /**
   * How many times a block may grow, beyond {@link #FREE_BYTES}: 200. What would grow more goes as
   * it is.
   */
  public static final int MAX_RATIO = 200;

  /** What any block may grow to: 64 KiB. */
  public static final int FREE_BYTES = 64 << 10;

  private static final int LONGEST_VARINT = 5;

  private final String encoding;
  private final boolean available;
  private final String artifact;

  /**
   * Creates it.
   *
   * @param artifact what to add where it is not available
   */
  BlockCompressor(String encoding, boolean available, String artifact) {
    this.encoding = encoding;
    this.available = available;
    this.artifact = artifact;
  }

  /** The most bytes that so many become. */
  abstract int most(int length);

  /** Compresses into the array, from this place on; how many bytes it became. */
  abstract int pack(byte[] bytes, byte[] into, int at) throws Exception;

  /**
   * Decompresses what begins at this place into the whole array, and no further. Whether that, and
   * no more and no less, is what the block holds.
   */
  abstract boolean unpack(byte[] block, int from, byte[] into) throws Exception;

  @Override
  public final String encoding() {
    return encoding;
  }

  @Override
  public final boolean isAvailable() {
    return available;
  }

  @Override
  public final String remedy() {
    return available ? "" : "add " + artifact;
  }

  @Override
  public final byte[] compress(byte[] bytes) {
    check();
    byte[] block = new byte[LONGEST_VARINT + most(bytes.length)];
    int at = 0;
    int rest = bytes.length;
    while (rest > 127) {
      block[at++] = (byte) (rest | 128);
      rest >>>= 7;
    }
    block[at++] = (byte) rest;
    int packed;
    try {
      packed = pack(bytes, block, at);
    } catch (Exception e) {
      throw new CodecException(
          StatusCode.INTERNAL,
          Delivered.NO,
          encoding + " failed to compress " + bytes.length + " bytes",
          e);
    }
    return growsTooMuch(bytes.length, packed) ? new byte[0] : Arrays.copyOf(block, at + packed);
  }

  @Override
  public final byte[] decompress(byte[] block, int maxBytes) {
    check();
    long length = 0;
    int at = 0;
    byte next;
    do {
      if (at == block.length || at == LONGEST_VARINT) {
        throw malformed(block.length, "its length does not end", null);
      }
      next = block[at];
      length |= (next & 127L) << (7 * at++);
    } while (next < 0);
    if (length > maxBytes) {
      throw tooLarge(block.length, length, "the " + maxBytes + " that are taken");
    }
    if (growsTooMuch(length, block.length - at)) {
      throw tooLarge(block.length, length, MAX_RATIO + " times what came");
    }
    byte[] bytes = new byte[(int) length];
    boolean exact;
    try {
      exact = unpack(block, at, bytes);
    } catch (Exception e) {
      throw malformed(block.length, "it is damaged", e);
    }
    if (!exact) {
      throw malformed(block.length, "it is not the " + length + " bytes that it declares", null);
    }
    return bytes;
  }

  private static boolean growsTooMuch(long length, long packed) {
    return length > FREE_BYTES && length > packed * MAX_RATIO;
  }

  private void check() {
    if (!available) {
      throw Failures.notInstalled(encoding, remedy());
    }
  }

  private CodecException tooLarge(int size, long length, String limit) {
    return new CodecException(
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.NO,
        encoding
            + " payload of "
            + size
            + " bytes declares "
            + length
            + ", more than "
            + limit
            + ": send less at a time, or as it is",
        null);
  }

  private CodecException malformed(int size, String why, @Nullable Exception cause) {
    return new CodecException(
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        encoding + " payload of " + size + " bytes does not decompress: " + why,
        cause);
  }
}
