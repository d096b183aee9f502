package io.carrick.serialization;

import java.io.IOException;
import org.xerial.snappy.Snappy;

/** The only class that refers to snappy-java, so that the compressor loads without it. */
final class SnappyBlocks {

  private SnappyBlocks() {}

  static int most(int length) {
    return Snappy.maxCompressedLength(length);
  }

  static int pack(byte[] bytes, byte[] into, int at) throws IOException {
    return Snappy.rawCompress(bytes, 0, bytes.length, into, at);
  }

  static boolean unpack(byte[] block, int from, byte[] into) throws IOException {
    // A block says its own length, too, and the library writes as much.
    int length = block.length - from;
    return Snappy.uncompressedLength(block, from, length) == into.length
        && Snappy.rawUncompress(block, from, length, into, 0) == into.length;
  }
}
