package io.carrick.transport.support.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What callers without the SDK are told, and when a call ends by itself. */
final class EdgeFailureTest {

  private final List<MessagingException> told = new ArrayList<>();
  private Duration delay = Duration.ZERO;
  private Runnable due = () -> {};
  private boolean cancelled;

  private Runnable later(Duration after, Runnable task) {
    delay = after;
    due = task;
    return () -> cancelled = true;
  }

  @Test
  void aFailureOfACallIsToldAsItIs() {
    EdgeFailure failure =
        EdgeFailure.of(
            new CompletionException(
                new CallException(
                    StatusCode.UNAVAILABLE, Delivered.MAYBE, "gone", Map.of("a", "b"), null)));

    assertThat(failure)
        .isEqualTo(
            new EdgeFailure(
                StatusCode.UNAVAILABLE, Delivered.MAYBE, false, "gone", Map.of("a", "b")));
  }

  @Test
  void whatIsNotMeantForCallersIsNotTold() {
    EdgeFailure failure = EdgeFailure.of(new IllegalStateException("secret"));

    assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
    assertThat(failure.message())
        .isEqualTo("the call failed (IllegalStateException): see the service's log");
  }

  @Test
  void aCallThatWasCancelledSaysSo() {
    assertThat(EdgeFailure.of(new CancellationException()).code()).isEqualTo(StatusCode.CANCELLED);
  }

  @Test
  void aLongMessageEndsBetweenTwoCharacters() {
    EdgeFailure failure =
        EdgeFailure.of(EdgeFailure.refusal(StatusCode.NOT_FOUND, "\u00e4".repeat(10)));

    assertThat(failure.shortMessage(20)).isEqualTo("\u00e4".repeat(10));
    assertThat(failure.shortMessage(12)).isEqualTo("\u00e4".repeat(4) + "...");
  }

  @Test
  void aCallHasOneBearerTokenOrNone() {
    assertThat(EdgeHeaders.bearer(List.of())).isEmpty();
    assertThat(EdgeHeaders.bearer(List.of("Basic x", "bearer  token "))).isEqualTo("token");
    assertThatThrownBy(() -> EdgeHeaders.bearer(List.of("Bearer a", "Bearer b")))
        .isInstanceOf(MessagingException.class)
        .hasMessageContaining("two bearer tokens");
  }

  @Test
  void headersOfTheCallAreNoneOfTheMessage() {
    assertThat(List.of("authorization", "host", "carrick-retry"))
        .allMatch(EdgeHeaders::isOfTheCall);
    assertThat(List.of("traceparent", "x-mine")).noneMatch(EdgeHeaders::isOfTheCall);
  }

  @Test
  void aFirstMessageThatDoesNotComeEndsTheCall() {
    Patience patience = new Patience(this::later, told::add);
    assertThat(delay).isEqualTo(Patience.LONGEST);
    patience.end();
    assertThat(cancelled).isTrue();
    due.run();
    assertThat(told)
        .extracting(MessagingException::code)
        .containsExactly(StatusCode.DEADLINE_EXCEEDED);
  }

  @Test
  void aCallEndsWithTheTokenOfItsCaller() {
    CallTerm term = new CallTerm();
    term.begin(this::later, Instant.now().plusSeconds(60), told::add);
    assertThat(delay).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    due.run();
    assertThat(told)
        .extracting(MessagingException::code)
        .containsExactly(StatusCode.UNAUTHENTICATED);
    term.end();
    assertThat(cancelled).isTrue();
  }

  @Test
  void aTokenThatNeverExpiresNeedsNoTimer() {
    CallTerm term = new CallTerm();
    term.begin(this::later, null, told::add);
    due.run();
    term.end();
    assertThat(told).isEmpty();
    assertThat(cancelled).isFalse();
  }

  @Test
  void aTokenThatHasExpiredEndsTheCallAtOnce() {
    new CallTerm().begin(this::later, Instant.EPOCH, told::add);
    assertThat(delay).isZero();
  }
}
