package io.carrick.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/**
 * Keeps peers from filling the log of a service: of each logger and kind of message {@value #MOST}
 * lines pass in 10 s, and the next one tells how many did not. What libraries log of a peer's fault
 * loses its trace. Safe for any thread.
 */
final class LogLimit implements Filter {

  static final int MOST = 10;

  /** Kinds that are remembered; the oldest goes. */
  static final int KINDS = 256;

  private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int KIND_CHARS = 40;

  /** What differs from peer to peer within a kind. */
  private static final Pattern NUMBERS = Pattern.compile("[0-9a-f:.\\[\\]]*[0-9][0-9a-f:.\\[\\]]*");

  private static final class Count {
    long sinceNanos;
    int passed;
    long held;
  }

  private final LongSupplier clock;
  private final Map<String, Count> kinds = new LinkedHashMap<>() { // By this.
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
          return size() > KINDS;
        }
      };

  /**
   * @param clock of nanoseconds
   */
  LogLimit(LongSupplier clock) {
    this.clock = clock;
    // Loads all that it needs: where no descriptor is left is the worst time to begin.
    isLoggable(new LogRecord(Level.OFF, "127.0.0.1"));
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    long held = heldBefore(record);
    if (held < 0) {
      return false;
    }
    StringBuilder more = new StringBuilder();
    if (record.getThrown() != null && isOfLibrary(record)) {
      more.append(": ").append(record.getThrown());
      record.setThrown(null);
    }
    if (held > 0) {
      more.append(" (").append(held).append(" more like this were not shown)");
    }
    if (!more.isEmpty()) {
      // Braces would be taken for parameters.
      record.setMessage(record.getMessage() + more.toString().replace('{', '(').replace('}', ')'));
    }
    return true;
  }

  /** How many of its kind were held back before it; -1 if it is, too. */
  private synchronized long heldBefore(LogRecord record) {
    long now = clock.getAsLong();
    Count count = kinds.computeIfAbsent(kindOf(record), kind -> new Count());
    long held = 0;
    if (count.passed == 0 || now - count.sinceNanos > WINDOW_NANOS) {
      held = count.held;
      count.sinceNanos = now;
      count.passed = 0;
      count.held = 0;
    }
    if (count.passed == MOST) {
      count.held++;
      return -1;
    }
    count.passed++;
    return held;
  }

  private static String kindOf(LogRecord record) {
    String text = NUMBERS.matcher(String.valueOf(record.getMessage())).replaceAll("#");
    return record.getLoggerName() + ' ' + text.substring(0, Math.min(KIND_CHARS, text.length()));
  }

  private static boolean isOfLibrary(LogRecord record) {
    String logger = String.valueOf(record.getLoggerName());
    return logger.startsWith("io.grpc") || logger.startsWith("io.netty");
  }
}
