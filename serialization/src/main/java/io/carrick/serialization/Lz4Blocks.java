package io.carrick.serialization;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** The only class that refers to lz4-java, so that the compressor loads without it. */
final class Lz4Blocks {

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private Lz4Blocks() {}

  static int most(int length) {
    return COMPRESSOR.maxCompressedLength(length);
  }

  static int pack(byte[] bytes, byte[] into, int at) {
    return COMPRESSOR.compress(bytes, 0, bytes.length, into, at);
  }

  static boolean unpack(byte[] block, int from, byte[] into) {
    // Checks both ends, unlike those that trust a length.
    return DECOMPRESSOR.decompress(block, from, block.length - from, into, 0) == into.length;
  }
}
