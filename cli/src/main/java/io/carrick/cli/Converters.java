package io.carrick.cli;

import io.carrick.DeliveryGuarantee;
import io.carrick.OverflowPolicy;
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
  static final class OfDuration implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
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
