package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverloadedExceptionTest {

  private static OverloadedException with(String retryAfter) {
    return new OverloadedException(
        Delivered.NO, "full", Map.of(OverloadedException.RETRY_AFTER_MS, retryAfter));
  }

  @Test
  void itSaysWhenToTryAgain() {
    OverloadedException e =
        OverloadedException.retryAfter(Delivered.NO, "full", Duration.ofMillis(250));

    assertThat(e.details()).isEqualTo(Map.of("retry-after-ms", "250"));
    assertThat(e.retryAfter()).contains(Duration.ofMillis(250));
    assertThat(e.retrySafe()).isTrue();
    assertThat(OverloadedException.retryAfter(Delivered.NO, "full", Duration.ZERO).retryAfter())
        .contains(Duration.ofMillis(1));
  }

  @Test
  void whatAPeerSaysIsReadWithCare() {
    assertThat(with("-1").retryAfter()).isEmpty();
    assertThat(with("soon").retryAfter()).isEmpty();
    assertThat(with("9".repeat(40)).retryAfter()).isEmpty();
    assertThat(with("999999999999999").retryAfter()).contains(Duration.ofHours(24));
    assertThat(new OverloadedException(Delivered.NO, "full").retryAfter()).isEmpty();
  }
}
