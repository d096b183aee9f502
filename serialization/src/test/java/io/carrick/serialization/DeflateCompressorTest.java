package io.carrick.serialization;

class DeflateCompressorTest extends BlockCompressorContract {

  DeflateCompressorTest() {
    super(new DeflateCompressor());
  }
}
