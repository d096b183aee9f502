package io.carrick.cli;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long calls took: a histogram whose buckets are at most 1/32 wide, so that its size is fixed
 * however many calls there are. Safe for use by any thread.
 */
final class Latencies {

  private static final int BITS = 5;
  private static final int STEPS = 1 << BITS;

  private final AtomicLongArray buckets = new AtomicLongArray((Long.SIZE - BITS + 1) * STEPS);
  private final LongAdder count = new LongAdder();
  private final LongAdder sum = new LongAdder();
  private final LongAccumulator least = new LongAccumulator(Math::min, Long.MAX_VALUE);
  private final LongAccumulator most = new LongAccumulator(Math::max, 0);

  /** Adds one; a negative one counts as 0. */
  void add(long nanos) {
    long value = Math.max(0, nanos);
    buckets.incrementAndGet(bucket(value));
    count.increment();
    sum.add(value);
    least.accumulate(value);
    most.accumulate(value);
  }

  long count() {
    return count.sum();
  }

  /** The longest, in nanoseconds. */
  long most() {
    return most.get();
  }

  /** What so many of a hundred did not exceed, in nanoseconds, at most 1/32 too long. */
  long percentile(double percent) {
    long rank = Math.max(1, (long) Math.ceil(count() * percent / 100));
    long seen = 0;
    for (int i = 0; i < buckets.length(); i++) {
      seen += buckets.get(i);
      if (seen >= rank) {
        return Math.min(most(), end(i));
      }
    }
    return most();
  }

  /** Least, mean and longest, to stand behind a count; nothing where there is none. */
  String summary() {
    return count() == 0
        ? ""
        : "; least "
            + millis(least.get())
            + ", mean "
            + millis(sum.sum() / count())
            + ", longest "
            + millis(most());
  }

  /** Nanoseconds as people read them. */
  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
  }

  // Below 32 each value has a bucket; above, 32 buckets share each power of two.
  private static int bucket(long value) {
    if (value < STEPS) {
      return (int) value;
    }
    int shift = Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value);
    return (shift << BITS) + (int) (value >>> shift);
  }

  private static long end(int bucket) {
    if (bucket < 2 * STEPS) {
      return bucket;
    }
    int shift = (bucket >> BITS) - 1;
    return (((long) (bucket - (shift << BITS)) + 1) << shift) - 1;
  }
}
