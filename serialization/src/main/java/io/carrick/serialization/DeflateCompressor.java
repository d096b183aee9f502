package io.carrick.serialization;

import java.util.zip.DataFormatException;

/**
 * {@code deflate}: zlib (RFC 1950), by the JDK, at its fastest level. Safe for use by any thread.
 */
public final class DeflateCompressor extends BlockCompressor {

  /** Creates the compressor. */
  public DeflateCompressor() {
    super("deflate", true, "");
  }

  @Override
  int most(int length) {
    return Deflated.most(length);
  }

  @Override
  int pack(byte[] bytes, byte[] into, int at) {
    return Deflated.pack(bytes, into, at, false);
  }

  @Override
  boolean unpack(byte[] block, int from, byte[] into) throws DataFormatException {
    return Deflated.unpack(block, from, into, false) == block.length;
  }
}
