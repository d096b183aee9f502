package io.carrick.serialization;

/**
 * {@code zstd}: a frame (RFC 8878) with a checksum and without a dictionary, by zstd-jni, at level
 * 1. Needs that library. Safe for use by any thread.
 */
public final class ZstdCompressor extends BlockCompressor {

  private static final boolean AVAILABLE = Libraries.has("com.github.luben.zstd.Zstd");

  /** Creates the compressor. */
  public ZstdCompressor() {
    super("zstd", AVAILABLE, "com.github.luben:zstd-jni 1.5.7 or later");
  }

  @Override
  int most(int length) {
    return ZstdBlocks.most(length);
  }

  @Override
  int pack(byte[] bytes, byte[] into, int at) {
    return ZstdBlocks.pack(bytes, into, at);
  }

  @Override
  boolean unpack(byte[] block, int from, byte[] into) {
    return ZstdBlocks.unpack(block, from, into);
  }
}
