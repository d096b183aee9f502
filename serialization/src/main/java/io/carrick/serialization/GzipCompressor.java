package io.carrick.serialization;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * {@code gzip}: one member (RFC 1952) without a name, a comment or extra fields, by the JDK, at its
 * fastest level. Safe for use by any thread.
 */
public final class GzipCompressor extends BlockCompressor {

  private static final byte[] HEAD = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

  /** Magic, method and no flags; behind them stand a time, a hint and a system, which vary. */
  private static final int FIXED = 4;

  private static final int TAIL = 8;

  /** Creates the compressor. */
  public GzipCompressor() {
    super("gzip", true, "");
  }

  @Override
  int most(int length) {
    return Deflated.most(length);
  }

  @Override
  int pack(byte[] bytes, byte[] into, int at) {
    System.arraycopy(HEAD, 0, into, at, HEAD.length);
    int packed = Deflated.pack(bytes, into, at + HEAD.length, true);
    tail(into, at + HEAD.length + packed).putInt(crc(bytes)).putInt(bytes.length);
    return HEAD.length + packed + TAIL;
  }

  @Override
  boolean unpack(byte[] block, int from, byte[] into) throws DataFormatException {
    int body = from + HEAD.length;
    if (block.length < body + TAIL
        || !Arrays.equals(block, from, from + FIXED, HEAD, 0, FIXED)
        || Deflated.unpack(block, body, into, true) != block.length - TAIL) {
      return false;
    }
    ByteBuffer tail = tail(block, block.length - TAIL);
    return tail.getInt() == crc(into) && tail.getInt() == into.length;
  }

  private static ByteBuffer tail(byte[] block, int at) {
    return ByteBuffer.wrap(block, at, TAIL).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
