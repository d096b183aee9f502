package io.carrick.serialization;

import com.github.luben.zstd.Zstd;

/** The only class that refers to zstd-jni, so that the compressor loads without it. */
final class ZstdBlocks {

  private static final int LEVEL = 1;
  private static final boolean CHECKSUM = true;

  private ZstdBlocks() {}

  static int most(int length) {
    return (int) Zstd.compressBound(length);
  }

  static int pack(byte[] bytes, byte[] into, int at) {
    return (int)
        checked(
            Zstd.compressByteArray(
                into, at, into.length - at, bytes, 0, bytes.length, LEVEL, CHECKSUM));
  }

  /** In one piece, straight into the array: a large window needs no memory then. */
  static boolean unpack(byte[] block, int from, byte[] into) {
    return checked(Zstd.decompressByteArray(into, 0, into.length, block, from, block.length - from))
        == into.length;
  }

  private static long checked(long result) {
    if (Zstd.isError(result)) {
      throw new IllegalArgumentException(Zstd.getErrorName(result));
    }
    return result;
  }
}
