package io.carrick.spi;

/**
 * Makes payloads smaller, and undoes it, in one encoding. A {@link Compression} decides when. Safe
 * for use by any thread. Each payload stands alone: nothing of one message helps to compress
 * another, so that no message tells of another.
 */
public interface Compressor {

  /** The name that peers know it by, such as {@code zstd}: 1 to 32 of {@code a-z 0-9 . _ -}. */
  String encoding();

  /** Whether it is complete: false where an optional library that it needs is not installed. */
  default boolean isAvailable() {
    return true;
  }

  /** What to install where it is not available, for instance a Maven artifact. */
  default String remedy() {
    return "";
  }

  /**
   * Compresses bytes, which it may not change.
   *
   * @return what {@link #decompress} takes, perhaps larger than it was; empty where the bytes
   *     should go as they are
   */
  byte[] compress(byte[] bytes);

  /**
   * Decompresses what came from a peer, which it may not change. What it allocates is bounded by
   * {@code maxBytes} and by a small multiple of what came, whatever came.
   *
   * @param maxBytes how large the result may be
   * @throws io.carrick.CodecException with RESOURCE_EXHAUSTED if it is larger than {@code maxBytes}
   *     or than the encoding allows, with INVALID_ARGUMENT if it cannot be decompressed
   */
  byte[] decompress(byte[] block, int maxBytes);
}
