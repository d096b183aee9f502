package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carrick.DeliveryGuarantee;
import io.carrick.OverflowPolicy;
import io.carrick.SecurityLevel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {

  @ParameterizedTest
  @CsvSource({"250us,PT0.00025S", "500ms,PT0.5S", "5s,PT5S", "5,PT5S", "2m,PT2M", "1h,PT1H"})
  void aDurationHasAUnit(String text, Duration expected) {
    assertThat(new Converters.OfDuration().convert(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-1s", "1.5s", "5 s", "5d", "9999999999s"})
  void whatIsNoDurationIsRefused(String text) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> new Converters.OfDuration().convert(text))
        .withMessageContaining("\"" + text + "\" is no duration");
  }

  @Test
  void constantsAreWrittenWithHyphensInAnyCase() {
    assertThat(new Converters.OfDelivery().convert("exactly-once"))
        .isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
    assertThat(new Converters.OfSecurity().convert("SERVER_AUTHENTICATED"))
        .isEqualTo(SecurityLevel.SERVER_AUTHENTICATED);
    assertThat(new Converters.OfOverflow().convert("Drop-Oldest"))
        .isEqualTo(OverflowPolicy.DROP_OLDEST);
  }
}
