package io.carrick.serialization;

/**
 * {@code lz4}: a raw block, by lz4-java, whose native code is used where it loads. Needs that
 * library. Safe for use by any thread.
 */
public final class Lz4Compressor extends BlockCompressor {

  private static final boolean AVAILABLE = Libraries.has("net.jpountz.lz4.LZ4Factory");

  /** Creates the compressor. */
  public Lz4Compressor() {
    super("lz4", AVAILABLE, "at.yawk.lz4:lz4-java 1.14");
  }

  @Override
  int most(int length) {
    return Lz4Blocks.most(length);
  }

  @Override
  int pack(byte[] bytes, byte[] into, int at) {
    return Lz4Blocks.pack(bytes, into, at);
  }

  @Override
  boolean unpack(byte[] block, int from, byte[] into) {
    return Lz4Blocks.unpack(block, from, into);
  }
}
