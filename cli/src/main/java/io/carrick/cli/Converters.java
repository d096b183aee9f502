package io.carrick.cli;

import io.carrick.DeliveryGuarantee;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the values of options are written. */
final class Converters {

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h)?");

  private Converters() {}

  /**
   * A duration such as {@code 250us}, {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h} or {@code
   * 5}.
   */
  static class OfDuration implements ITypeConverter<Duration> {

    private final Duration least;
    private final Duration most;
    private final String range;

    OfDuration() {
      this(Duration.ZERO, Duration.ofDays(365), "0 to 8760h");
    }

    OfDuration(Duration least, Duration most, String range) {
      this.least = least;
      this.most = most;
      this.range = range;
    }

    @Override
    public final Duration convert(String text) {
      Duration duration = parse(text);
      if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
        throw new TypeConversionException(text + " must be " + range);
      }
      return duration;
    }

    private static Duration parse(String text) {
      Matcher parts = DURATION.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException(
            "\"" + text + "\" is no duration: write 250us, 500ms, 5s, 2m or 1h");
      }
      long number = Long.parseLong(parts.group(1));
      String unit = parts.group(2) == null ? "s" : parts.group(2);
      return switch (unit) {
        case "us" -> Duration.ofNanos(number * 1_000);
        case "ms" -> Duration.ofMillis(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofSeconds(number);
      };
    }
  }

  /** A duration above 0. */
  static final class OfPositive extends OfDuration {
    OfPositive() {
      super(Duration.ofNanos(1_000), Duration.ofDays(365), "1us to 8760h");
    }
  }

  /** A deadline of calls, as {@link io.carrick.CallOptions} allows it. */
  static final class OfDeadline extends OfDuration {
    OfDeadline() {
      super(Duration.ofMillis(1), Duration.ofHours(24), "1ms to 24h");
    }
  }

  /** The time to drain, as {@link io.carrick.Messenger#drain} allows it. */
  static final class OfDrain extends OfDuration {
    OfDrain() {
      super(Duration.ZERO, Duration.ofHours(24), "0 to 24h");
    }
  }

  /** A whole number of some range. */
  static class OfNumber implements ITypeConverter<Integer> {

    private final int least;
    private final int most;

    OfNumber(int least, int most) {
      this.least = least;
      this.most = most;
    }

    @Override
    public final Integer convert(String text) {
      try {
        long number = Long.parseLong(text);
        if (number >= least && number <= most) {
          return (int) number;
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException("\"" + text + "\" is no whole number");
      }
      throw new TypeConversionException(text + " must be " + least + " to " + most);
    }
  }

  /** How often: 1 or more. */
  static final class OfCount extends OfNumber {
    OfCount() {
      super(1, Integer.MAX_VALUE);
    }
  }

  /** The size of a body: 0 to 1 GiB. */
  static final class OfSize extends OfNumber {
    OfSize() {
      super(0, 1 << 30);
    }
  }

  /** How many at a time: 1 to 256, each with a thread or a process of its own. */
  static final class OfConcurrency extends OfNumber {
    OfConcurrency() {
      super(1, 256);
    }
  }

  /** The largest message, as {@link io.carrick.Messenger.Builder#maxMessageBytes} allows it. */
  static final class OfMessageBytes extends OfNumber {
    OfMessageBytes() {
      super(1 << 10, 1 << 30);
    }
  }

  /** A header, {@code name: value}. */
  static final class OfHeader implements ITypeConverter<Headers.Entry> {
    @Override
    public Headers.Entry convert(String text) {
      int colon = text.indexOf(':');
      if (colon < 0) {
        throw new TypeConversionException("\"" + text + "\" is no header: write 'name: value'");
      }
      try {
        return new Headers.Entry(
            text.substring(0, colon).strip(), text.substring(colon + 1).strip());
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** {@code normal}, {@code high} or {@code bulk}. */
  static final class OfPriority implements ITypeConverter<Priority> {
    @Override
    public Priority convert(String text) {
      return constant(Priority.values(), text);
    }
  }

  /** {@code none}, {@code encrypted}, {@code server-authenticated} or {@code mutual}. */
  static final class OfSecurity implements ITypeConverter<SecurityLevel> {
    @Override
    public SecurityLevel convert(String text) {
      return constant(SecurityLevel.values(), text);
    }
  }

  /** {@code at-most-once}, {@code at-least-once} or {@code exactly-once}. */
  static final class OfDelivery implements ITypeConverter<DeliveryGuarantee> {
    @Override
    public DeliveryGuarantee convert(String text) {
      return constant(DeliveryGuarantee.values(), text);
    }
  }

  /** {@code fail}, {@code drop-oldest} or {@code block}. */
  static final class OfOverflow implements ITypeConverter<OverflowPolicy> {
    @Override
    public OverflowPolicy convert(String text) {
      return constant(OverflowPolicy.values(), text);
    }
  }

  private static <E extends Enum<E>> E constant(E[] constants, String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    for (E constant : constants) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new TypeConversionException(
        "\""
            + text
            + "\" is none of "
            + Arrays.stream(constants)
                .map(c -> c.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", ")));
  }
}
