package io.carrick.serialization;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** What both compressors of the JDK do with its zlib. */
final class Deflated {

  private Deflated() {}

  /** The most bytes that so many become, as zlib has it, and a wrapper around them. */
  static int most(int length) {
    return length + (length >> 12) + (length >> 14) + (length >> 25) + 64;
  }

  /** Compresses into the array; how many bytes it became. */
  static int pack(byte[] bytes, byte[] into, int at, boolean bare) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, bare);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      int packed = 0;
      while (!deflater.finished()) {
        packed += deflater.deflate(into, at + packed, into.length - at - packed);
      }
      return packed;
    } finally {
      deflater.end();
    }
  }

  /**
   * Decompresses into the whole array, and no further: where what comes is longer, it stops.
   *
   * @return where the stream ended; -1 if it is not as long as the array
   */
  static int unpack(byte[] block, int from, byte[] into, boolean bare) throws DataFormatException {
    Inflater inflater = new Inflater(bare);
    try {
      inflater.setInput(block, from, block.length - from);
      int filled = 0;
      while (filled < into.length) {
        int more = inflater.inflate(into, filled, into.length - filled);
        if (more == 0) {
          return -1;
        }
        filled += more;
      }
      // The end of the stream may still be unread; a byte in its place is one too many.
      boolean ends = inflater.finished() || inflater.inflate(new byte[1]) == 0;
      return ends && inflater.finished() ? block.length - inflater.getRemaining() : -1;
    } finally {
      inflater.end();
    }
  }
}
