package io.carrick.serialization;

import java.util.Arrays;
import java.util.Map;

class SnappyCompressorTest extends BlockCompressorContract {

  SnappyCompressorTest() {
    super(new SnappyCompressor());
  }

  @Override
  protected Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = super.bombs();
    byte[] zeros = packed(new byte[1 << 20]);
    // 1 MiB takes three bytes of the length that a block of snappy says itself.
    byte[] rest = Arrays.copyOfRange(zeros, 3, zeros.length);
    bombs.put("1 MiB that says twice that it is 64 KiB", block(64 << 10, block(64 << 10, rest)));
    bombs.put("1 MiB that says that it is 4 GiB", block(1 << 20, block(0xFFFFFFFFL, rest)));
    return bombs;
  }
}
