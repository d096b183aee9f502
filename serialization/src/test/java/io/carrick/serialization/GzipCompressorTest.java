package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.CodecException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GzipCompressorTest extends BlockCompressorContract {

  private final byte[] text = "rope and line, ".repeat(100).getBytes();

  GzipCompressorTest() {
    super(new GzipCompressor());
  }

  @Test
  void aMemberIsThatOfOtherTools() throws Exception {
    ByteArrayOutputStream theirs = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(theirs)) {
      out.write(text);
    }

    assertThat(compressor.decompress(block(text.length, theirs.toByteArray()), LIMIT))
        .isEqualTo(text);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(packed(text))).readAllBytes())
        .isEqualTo(text);
  }

  @Test
  void aWrongChecksumAndAWrongLengthAreRefused() {
    byte[] good = packed(text);
    for (int fromEnd = 1; fromEnd <= 8; fromEnd++) {
      byte[] bad = good.clone();
      bad[bad.length - fromEnd] ^= 1;

      assertThat(catchThrowable(() -> compressor.decompress(block(text.length, bad), LIMIT)))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("it is not the 1500 bytes that it declares");
    }
  }

  @Test
  void aMemberBehindAMemberIsRefused() {
    byte[] one = packed(text);
    byte[] two = Arrays.copyOf(one, one.length * 2);
    System.arraycopy(one, 0, two, one.length, one.length);

    assertThat(catchThrowable(() -> compressor.decompress(block(text.length, two), LIMIT)))
        .isInstanceOf(CodecException.class);
  }
}
