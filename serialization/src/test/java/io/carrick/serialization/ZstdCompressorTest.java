package io.carrick.serialization;

class ZstdCompressorTest extends BlockCompressorContract {

  ZstdCompressorTest() {
    super(new ZstdCompressor());
  }
}
