package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.CodecException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.spi.Compressor;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Compressor} must do. A compressor's test extends it and gives the compressor
 * and its bombs; each rule is a test of its own.
 */
public abstract class CompressorContract {

  /** How many random, truncated and mutated blocks are decompressed: 20,000. */
  public static final int HOSTILE_BLOCKS = 20_000;

  private static final int RANDOM_BYTES = 1_000;

  /** The limit that bombs are decompressed to: 4 MiB. */
  protected static final int LIMIT = 4 << 20;

  private static final int ALLOWANCE = 1 << 20;

  /** For the test of a compressor. */
  protected CompressorContract() {}

  /** The compressor under test; called for each test. */
  protected abstract Compressor compressor();

  /**
   * Small blocks that ask for much, by a name that says what each is: that declare a gigabyte, and
   * that hold more than they declare.
   */
  protected abstract Map<String, byte[]> bombs();

  @Test
  void p01_bytesComeBackEqual() {
    long seed = seed();
    SplittableRandom random = new SplittableRandom(seed);
    Compressor compressor = compressor();

    for (int i = 0; i < RANDOM_BYTES; i++) {
      byte[] bytes = bytes(random);
      byte[] before = bytes.clone();

      byte[] block = compressor.compress(bytes);

      assertThat(bytes).isEqualTo(before);
      if (block.length > 0) {
        byte[] kept = block.clone();
        assertThat(compressor.decompress(block, bytes.length))
            .as("seed %d, bytes %d", seed, i)
            .isEqualTo(bytes);
        assertThat(block).isEqualTo(kept);
      }
    }
  }

  @Test
  void p02_itSaysWhatItIs() {
    assertThat(compressor().encoding()).matches("[a-z0-9._-]{1,32}");
    assertThat(compressor().isAvailable()).isTrue();
    assertThat(compressor().remedy()).isEmpty();
  }

  @Test
  void p03_textBecomesSmaller() {
    byte[] text = "{\"id\":17,\"name\":\"rope\"},".repeat(100).getBytes(StandardCharsets.UTF_8);

    assertThat(compressor().compress(text).length).isBetween(1, text.length / 2);
  }

  @Test
  void p04_manyThreadsMayUseItAtOnce() throws Exception {
    Compressor compressor = compressor();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        SplittableRandom random = new SplittableRandom(thread);
        results.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    byte[] bytes = text(random);
                    assertThat(compressor.decompress(compressor.compress(bytes), bytes.length))
                        .isEqualTo(bytes);
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get(30, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void p05_whatIsLargerThanTheLimitIsRefusedBeforeItIsMade() {
    byte[] bytes = text(new SplittableRandom(1));
    byte[] block = compressor().compress(bytes);

    assertThat(compressor().decompress(block, bytes.length)).isEqualTo(bytes);
    CodecException e = failure(block, bytes.length - 1);

    assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(e)
        .hasMessageContaining(compressor().encoding())
        .hasMessageContaining(Integer.toString(bytes.length))
        .hasMessageContaining(Integer.toString(bytes.length - 1));
  }

  @Test
  void p06_aBlockThatIsCutOrGoesOnIsRefused() {
    byte[] block = compressor().compress(text(new SplittableRandom(2)));

    for (int length = 0; length < block.length; length++) {
      assertThat(failure(Arrays.copyOf(block, length), LIMIT).code())
          .isEqualTo(StatusCode.INVALID_ARGUMENT);
    }
    for (byte more : new byte[] {0, 1, 'x', (byte) 0xA0, -1}) {
      byte[] longer = Arrays.copyOf(block, block.length + 1);
      longer[block.length] = more;
      assertThat(failure(longer, LIMIT).code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void p07_hostileBlocksEndInBytesOrACodecException() {
    long seed = seed();
    SplittableRandom random = new SplittableRandom(seed);
    Compressor compressor = compressor();
    List<byte[]> good = new ArrayList<>(bombs().values());
    for (int i = 0; i < 8; i++) {
      good.add(compressor.compress(text(random)));
    }
    good.removeIf(block -> block.length > 16 << 10);

    for (int i = 0; i < HOSTILE_BLOCKS; i++) {
      byte[] block = HostileBytes.next(random, good);
      try {
        assertThat(compressor.decompress(block, 64 << 10)).hasSizeLessThanOrEqualTo(64 << 10);
      } catch (CodecException e) {
        assertThat(e.code()).isIn(StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED);
      } catch (RuntimeException | Error e) {
        Assertions.fail("seed " + seed + ", block " + i + ": " + Arrays.toString(block), e);
      }
    }
  }

  @Test
  void p08_aBombCostsLittleTimeAndMemory() {
    Assumptions.assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
        "this JVM does not count what a thread allocates");
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    assertThat(bombs()).isNotEmpty();
    bombs()
        .forEach(
            (name, block) -> {
              long before = threads.getThreadAllocatedBytes(self);
              CodecException e =
                  Assertions.assertTimeout(
                      Duration.ofSeconds(10), () -> failure(block, LIMIT), name);
              long allocated = threads.getThreadAllocatedBytes(self) - before;

              assertThat(e.code())
                  .as(name)
                  .isIn(StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED);
              assertThat(allocated).as(name).isLessThan(LIMIT + ALLOWANCE + 2L * block.length);
            });
  }

  private CodecException failure(byte[] block, int maxBytes) {
    Throwable thrown = catchThrowable(() -> compressor().decompress(block, maxBytes));
    assertThat(thrown).isInstanceOf(CodecException.class);
    CodecException e = (CodecException) thrown;
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
    return e;
  }

  private static byte[] bytes(SplittableRandom random) {
    byte[] bytes = random.nextBoolean() ? text(random) : new byte[random.nextInt(20_000)];
    if (random.nextInt(4) == 0) {
      random.nextBytes(bytes);
    }
    return bytes;
  }

  private static byte[] text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(100); i >= 0; i--) {
      text.append("{\"id\":").append(random.nextInt()).append(",\"name\":\"rope\"}");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private long seed() {
    long seed = Long.getLong("carrick.seed", 0x5EED_C0DECL);
    System.out.println(getClass().getSimpleName() + " seed " + seed);
    return seed;
  }
}
