package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Lz4CompressorTest extends BlockCompressorContract {

  Lz4CompressorTest() {
    super(new Lz4Compressor());
  }

  @Test
  void theExampleOfTheWireFormatIsTrue() {
    assertThat(compressor.decompress(new byte[] {2, 0x20, 'h', 'i'}, LIMIT))
        .isEqualTo(new byte[] {'h', 'i'});
  }
}
