package io.carrick.serialization;

/** {@code snappy}: a raw block, by snappy-java. Needs that library. Safe for use by any thread. */
public final class SnappyCompressor extends BlockCompressor {

  private static final boolean AVAILABLE = Libraries.has("org.xerial.snappy.Snappy");

  /** Creates the compressor. */
  public SnappyCompressor() {
    super("snappy", AVAILABLE, "org.xerial.snappy:snappy-java 1.1.10.12 or later");
  }

  @Override
  int most(int length) {
    return SnappyBlocks.most(length);
  }

  @Override
  int pack(byte[] bytes, byte[] into, int at) throws Exception {
    return SnappyBlocks.pack(bytes, into, at);
  }

  @Override
  boolean unpack(byte[] block, int from, byte[] into) throws Exception {
    return SnappyBlocks.unpack(block, from, into);
  }
}
