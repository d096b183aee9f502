package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.CodecException;
import io.carrick.Delivered;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.spi.Codec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Codec} must do. A codec's test extends it and gives the codec, values and
 * hostile bodies; each rule is a test of its own.
 */
public abstract class CodecContract {

  /** How many random, truncated and mutated bodies are decoded: 100,000. */
  public static final int HOSTILE_BODIES = 100_000;

  private static final int RANDOM_VALUES = 1_000;
  private static final int MOST_CUTS = 4_096;

  // What a decoder may allocate beyond a multiple of its input: buffers, symbol tables, exceptions.
  private static final long ALLOWANCE = 16L << 20;
  private static final int ALLOWED_FACTOR = 64;

  /** How often a {@link Canary} was built. */
  static final AtomicInteger INITIALISED = new AtomicInteger();

  /** For the test of a codec. */
  protected CodecContract() {}

  /** The codec under test; called for each test. */
  protected abstract Codec codec();

  /** Values that come back equal when decoded as their own class; at least two. */
  protected abstract List<Object> values();

  /**
   * A value that comes back equal, made of the source alone and encoded in at most 64 KiB: its
   * sizes, numbers and {@link #text texts} are random.
   */
  protected abstract Object randomValue(SplittableRandom random);

  /**
   * The codec with this limit for the bodies that it decodes; empty where it has no limit of its
   * own, since no body makes it hold more than a small multiple of its size.
   */
  protected Optional<Codec> limitedTo(int maxBytes) {
    return Optional.empty();
  }

  /**
   * Values of types with arguments, such as {@code List<Order>}, which come back equal; empty where
   * the format has none, which then must be refused.
   */
  protected Map<TypeRef<?>, Object> genericValues() {
    return Map.of();
  }

  /** A value whose class the codec does not support. */
  protected abstract Object unsupportedValue();

  /** The class that hostile bodies are decoded as. */
  protected abstract Class<?> hostileType();

  /**
   * Small bodies that ask for much: deep nesting, huge declared lengths, by a name that says what
   * each is. Empty where the format has none.
   */
  protected abstract Map<String, byte[]> bombs();

  /**
   * Bodies that are no {@link #hostileType()} and hold the given text, to see that no failure
   * quotes it. Empty where every body is a value.
   */
  protected abstract List<byte[]> malformed(String secret);

  /**
   * Bodies that try to name a class to be built, in each way that the format or its library knows.
   * Empty where the format has no names.
   */
  protected List<byte[]> namingClass(String className) {
    return List.of();
  }

  @Test
  void k01_valuesComeBackEqual() {
    assertThat(values()).hasSizeGreaterThanOrEqualTo(2);
    for (Object value : values()) {
      assertThat(codec().supports(value.getClass())).as(value.getClass().getName()).isTrue();
      assertThat(roundTrip(codec(), value)).isEqualTo(value);
    }
  }

  @Test
  void k02_itSaysWhatItIs() {
    Codec codec = codec();

    assertThat(codec.contentType()).matches("[a-z0-9.+-]+/[a-z0-9.+-]+");
    assertThat(codec.priority()).isBetween(0, 100);
    assertThat(codec.isAvailable()).isTrue();
    assertThat(codec.remedy()).isEmpty();
  }

  @Test
  void k03_encodedBytesBelongToTheCaller() {
    for (Object value : values()) {
      byte[] first = codec().encode(value);
      byte[] expected = first.clone();

      Arrays.fill(first, (byte) 0xA5);

      assertThat(codec().encode(value)).isEqualTo(expected);
    }
  }

  @Test
  void k04_decodedValuesDoNotShareTheBytes() {
    for (Object value : values()) {
      byte[] bytes = codec().encode(value);
      byte[] expected = bytes.clone();

      Object decoded = codec().decode(bytes, value.getClass());
      assertThat(bytes).isEqualTo(expected);
      Arrays.fill(bytes, (byte) 0xA5);

      assertThat(decoded).isEqualTo(value);
    }
  }

  @Test
  void k05_manyThreadsMayUseItAtOnce() throws Exception {
    Codec codec = codec();
    int threads = 8;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        results.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    Object value = values().get(i % values().size());
                    assertThat(roundTrip(codec, value)).isEqualTo(value);
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
  @SuppressWarnings({"NullAway", "DataFlowIssue"}) // The point is what happens to a null.
  void k06_nullIsRefused() {
    Codec codec = codec();
    Class<?> type = hostileType();

    assertThatNullPointerException().isThrownBy(() -> codec.encode(null));
    assertThatNullPointerException().isThrownBy(() -> codec.decode(null, type));
    assertThatNullPointerException().isThrownBy(() -> codec.decode(new byte[0], null));
  }

  @Test
  void k07_anUnsupportedTypeIsRefusedByName() {
    Codec codec = codec();
    Object value = unsupportedValue();
    Class<?> type = value.getClass();

    assertThat(codec.supports(type)).isFalse();
    for (Throwable refusal :
        List.of(
            thrownBy(() -> codec.encode(value)), thrownBy(() -> codec.decode(new byte[0], type)))) {
      CodecException e = checked(refusal);
      assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(e).hasMessageContaining(type.getTypeName());
      assertThat(e).hasMessageContaining(codec.contentType());
    }
  }

  @Test
  void k08_aMalformedBodyIsRefusedAndNeverQuoted() {
    String secret = "hunter2secret";
    for (byte[] body : malformed(secret)) {
      Throwable failure = catchThrowable(() -> codec().decode(body, hostileType()));
      assertThat(failure).as(new String(body, StandardCharsets.ISO_8859_1)).isNotNull();
      CodecException e = checked(failure);

      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      assertThat(e).hasMessageContaining(codec().contentType());
      assertThat(e).hasMessageContaining(hostileType().getTypeName());
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString()).doesNotContain(secret);
    }
  }

  @Test
  void k09_hostileBodiesEndInAValueOrACodecException() {
    long seed = seed();
    SplittableRandom random = new SplittableRandom(seed);
    Codec codec = codec();
    Class<?> type = hostileType();
    List<byte[]> good = values().stream().map(codec::encode).toList();

    for (int i = 0; i < HOSTILE_BODIES; i++) {
      byte[] body = HostileBytes.next(random, good);
      try {
        assertThat((Object) codec.decode(body, type)).isNotNull();
      } catch (CodecException e) {
        assertThat(e.code()).isIn(StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED);
      } catch (RuntimeException | StackOverflowError e) {
        Assertions.fail("seed " + seed + ", body " + i + ": " + Arrays.toString(body), e);
      }
    }
  }

  @Test
  void k10_aBombCostsLittleTimeAndMemory() {
    Assumptions.assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
        "this JVM does not count what a thread allocates");
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    bombs()
        .forEach(
            (name, body) -> {
              long before = threads.getThreadAllocatedBytes(self);
              Throwable failure =
                  Assertions.assertTimeout(
                      Duration.ofSeconds(10),
                      () -> catchThrowable(() -> codec().decode(body, hostileType())),
                      name);
              long allocated = threads.getThreadAllocatedBytes(self) - before;

              assertThat(failure).as(name).isInstanceOf(CodecException.class);
              assertThat(((CodecException) failure).code())
                  .as(name)
                  .isIn(StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED);
              assertThat(allocated)
                  .as(name)
                  .isLessThan(ALLOWANCE + (long) ALLOWED_FACTOR * body.length);
            });
  }

  @Test
  void k11_aBodyNeverNamesAClass() {
    int before = INITIALISED.get();
    for (byte[] body : namingClass(Canary.class.getName())) {
      for (Object value : values()) {
        decodeQuietly(body, value.getClass());
      }
      decodeQuietly(body, hostileType());
    }

    assertThat(INITIALISED).hasValue(before);
  }

  @Test
  void k12_anEmptyBodyIsAValueOrACodecException() {
    assertThatCode(() -> decodeQuietly(new byte[0], hostileType())).doesNotThrowAnyException();
  }

  @Test
  void k13_randomValuesComeBackEqual() {
    long seed = seed();
    SplittableRandom random = new SplittableRandom(seed);
    Codec codec = codec();

    for (int i = 0; i < RANDOM_VALUES; i++) {
      Object value = randomValue(random);
      assertThat(roundTrip(codec, value)).as("seed %d, value %d", seed, i).isEqualTo(value);
    }
  }

  @Test
  void k14_aBodyThatIsCutOrGoesOnIsNotTheSameValue() {
    for (Object value : values()) {
      byte[] body = codec().encode(value);
      for (int length = 0; length < Math.min(body.length, MOST_CUTS); length++) {
        assertIsNot(value, Arrays.copyOf(body, length));
      }
      for (byte more : new byte[] {0, 1, 'x', (byte) 0xA0, -1}) {
        byte[] longer = Arrays.copyOf(body, body.length + 1);
        longer[body.length] = more;
        assertIsNot(value, longer);
      }
    }
  }

  @Test
  void k15_whatIsHardToCarryComesBackEqualOrIsRefused() {
    for (Object value : HostileBytes.HARD_VALUES) {
      if (!codec().supports(value.getClass())) {
        continue;
      }
      byte[] body;
      try {
        body = codec().encode(value);
      } catch (CodecException e) {
        assertThat(checked(e).code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
        continue;
      }
      assertThat((Object) codec().decode(body, value.getClass())).isEqualTo(value);
    }
  }

  @Test
  void k16_aBodyAboveTheLimitIsRefusedUnread() {
    byte[] body = new byte[100_001];
    limitedTo(100_000)
        .ifPresent(
            codec -> {
              CodecException e = checked(thrownBy(() -> codec.decode(body, hostileType())));
              assertThat(e.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
              assertThat(e).hasMessageContaining("100001").hasMessageContaining("100000");
              // At the limit it is read, and found to be nothing.
              assertThat(
                      checked(
                              thrownBy(
                                  () -> codec.decode(Arrays.copyOf(body, 100_000), hostileType())))
                          .code())
                  .isEqualTo(StatusCode.INVALID_ARGUMENT);
            });
  }

  @Test
  void k17_typesWithArgumentsComeBackEqualOrAreRefusedByName() {
    Codec codec = codec();
    genericValues()
        .forEach(
            (ref, value) -> {
              Type type = ref.type();
              byte[] body = codec.encode(value, type);
              byte[] expected = body.clone();

              assertThat(codec.supports(type)).as(type.getTypeName()).isTrue();
              assertThat(codec.decode(body, type)).as(type.getTypeName()).isEqualTo(value);
              assertThat(body).isEqualTo(expected);
              CodecException e = checked(thrownBy(() -> codec.decode(new byte[0], type)));
              assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
              assertThat(e).hasMessageContaining(type.getTypeName());
            });
    if (genericValues().isEmpty()) {
      Type type = new TypeRef<List<String>>() {}.type();
      assertThat(codec.supports(type)).isFalse();
      CodecException e = checked(thrownBy(() -> codec.decode(new byte[0], type)));
      assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(e).hasMessageContaining(type.getTypeName());
      assertThat(e).hasMessageContaining(codec.contentType());
    }
  }

  /** A text of up to 40 characters of all planes of Unicode, without unpaired surrogates. */
  protected static String text(SplittableRandom random) {
    return HostileBytes.text(random);
  }

  private void assertIsNot(Object value, byte[] body) {
    Object decoded;
    try {
      decoded = codec().decode(body, value.getClass());
    } catch (CodecException e) {
      assertThat(checked(e).code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      return;
    }
    assertThat(decoded).as(Arrays.toString(body)).isNotEqualTo(value);
  }

  private long seed() {
    long seed = Long.getLong("carrick.seed", 0x5EED_C0DECL);
    System.out.println(getClass().getSimpleName() + " seed " + seed);
    return seed;
  }

  private void decodeQuietly(byte[] body, Class<?> type) {
    try {
      Object ignored = codec().decode(body, type);
      assertThat(ignored).isNotInstanceOf(Canary.class);
    } catch (CodecException e) {
      checked(e);
    }
  }

  private static Object roundTrip(Codec codec, Object value) {
    return codec.decode(codec.encode(value), value.getClass());
  }

  private static Throwable thrownBy(Runnable action) {
    Throwable thrown = catchThrowable(action::run);
    assertThat(thrown).as("what should have been thrown").isNotNull();
    return thrown;
  }

  private static CodecException checked(Throwable failure) {
    assertThat(failure).isInstanceOf(CodecException.class);
    CodecException e = (CodecException) failure;
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    return e;
  }
}
