package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.spi.Compression;
import io.carrick.spi.Compressor;
import io.carrick.spi.PeerInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompressorsTest {

  private static final PeerInfo AFAR = PeerInfo.of("http://afar");
  private static final byte[] NOISE = new byte[2_000];

  static {
    new Random(1).nextBytes(NOISE);
  }

  private final Compressors both = Compressors.of(new GzipCompressor(), new DeflateCompressor());

  private static Optional<String> packed(Compression.Sender sender, byte[] payload) {
    return sender.pack(AFAR, "a/b", payload).map(Compression.Packed::encoding);
  }

  @Test
  void theFirstThatThePeerHasIsUsed() {
    assertThat(both.encodings()).containsExactly("gzip", "deflate");
    assertThat(packed(both.sender(List.of("zstd", "deflate", "gzip")), new byte[2_000]))
        .contains("gzip");
    assertThat(packed(both.sender(List.of("deflate")), new byte[2_000])).contains("deflate");
    assertThat(packed(both.sender(List.of("zstd")), new byte[2_000])).isEmpty();
    assertThat(packed(both.sender(List.of()), new byte[2_000])).isEmpty();
  }

  @Test
  void whatIsShortOrStaysOnTheHostGoesAsItIs() {
    Compression.Sender sender = both.sender(List.of("gzip"));

    assertThat(packed(sender, new byte[1_023])).isEmpty();
    assertThat(packed(sender, new byte[1_024])).isPresent();
    assertThat(sender.pack(AFAR.withSameHost(true), "a/b", new byte[2_000])).isEmpty();
  }

  @Test
  void whatDoesNotShrinkRestsForEverMoreMessages() {
    Compression.Sender sender = both.sender(List.of("gzip"));
    for (int rest : new int[] {4, 8, 16, 32, 64, 128, 256, 256}) {
      assertThat(packed(sender, NOISE)).isEmpty();
      for (int i = 0; i < rest; i++) {
        assertThat(packed(sender, new byte[2_000])).as("%d of %d", i, rest).isEmpty();
      }
    }

    assertThat(packed(sender, new byte[2_000])).isPresent();
    assertThat(packed(sender, NOISE)).isEmpty();
    assertThat(sender.pack(AFAR, "another/one", new byte[2_000])).isPresent();
    assertThat(IntStream.range(0, 5).filter(i -> packed(sender, new byte[2_000]).isPresent()))
        .containsExactly(4);
  }

  @Test
  void whatCannotBeIsRefusedWithTheReason() {
    assertThatThrownBy(() -> Compressors.of(new GzipCompressor(), new GzipCompressor()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two compressors of gzip");
    assertThatThrownBy(Compressors::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 compressors: give 1 to 8");
    assertThatThrownBy(() -> Compressors.of(new Named("Zip", true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must match [a-z0-9._-]{1,32}");
    assertThatThrownBy(() -> Compressors.of(new Named("zip", false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the compressor of zip is not available: add a:b");
  }

  private record Named(String encoding, boolean isAvailable) implements Compressor {

    @Override
    public String remedy() {
      return "add a:b";
    }

    @Override
    public byte[] compress(byte[] bytes) {
      return Arrays.copyOf(bytes, 0);
    }

    @Override
    public byte[] decompress(byte[] block, int maxBytes) {
      return block;
    }
  }
}
