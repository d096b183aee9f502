package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallExceptionTest {

  @ParameterizedTest
  @EnumSource(names = {"RESOURCE_EXHAUSTED", "UNAVAILABLE", "ABORTED"})
  void refusalThatMayPassIsSafeToRetry(StatusCode code) {
    assertThat(refusal(code).retrySafe()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "INVALID_ARGUMENT",
        "FAILED_PRECONDITION",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
        "UNIMPLEMENTED"
      })
  void refusalThatStaysIsNotSafeToRetry(StatusCode code) {
    assertThat(refusal(code).retrySafe()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void answerOfAHandlerIsNeverSafeToRetry(StatusCode code) {
    CallException answer = new CallException(code, "no");

    assertThat(answer.delivered()).isEqualTo(Delivered.YES);
    assertThat(answer.retrySafe()).isFalse();
  }

  @Test
  void codeOkIsNoFailure() {
    assertThatThrownBy(() -> new CallException(StatusCode.OK, "fine"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("code OK is no failure: choose another code");
  }

  @Test
  void moreThan16DetailsDoNotTravel() {
    Map<String, String> details =
        IntStream.range(0, 17)
            .boxed()
            .collect(Collectors.toMap(number -> "key" + number, number -> "value"));

    assertThatThrownBy(() -> new CallException(StatusCode.ABORTED, "no", details))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("17 details exceed the 16 that travel with a failure");
  }

  private static CallException refusal(StatusCode code) {
    return new CallException(code, Delivered.NO, "no", Map.of(), null);
  }
}
