package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What calls fail with. */
final class Failures {

  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  private Failures() {}

  /** The failure of a stage, which must be of this type. */
  static <E extends MessagingException> E in(CompletionStage<?> stage, Class<E> type) {
    Throwable failure = Await.failure(stage, MAX_WAIT);
    assertThat(failure).isInstanceOf(type);
    return type.cast(failure);
  }

  /** The failure of a stage, with its code, its truth about delivery and words of its message. */
  static MessagingException in(
      CompletionStage<?> stage, StatusCode code, Delivered delivered, String... words) {
    return check(in(stage, MessagingException.class), code, delivered, words);
  }

  static <E extends MessagingException> E check(
      E failure, StatusCode code, Delivered delivered, String... words) {
    assertThat(failure.code()).as("code of %s", failure).isEqualTo(code);
    assertThat(failure.delivered()).as("delivered of %s", failure).isEqualTo(delivered);
    for (String word : words) {
      assertThat(failure.getMessage()).contains(word);
    }
    return failure;
  }
}
