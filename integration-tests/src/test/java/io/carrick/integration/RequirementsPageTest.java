package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.DeliveryGuarantee;
import io.carrick.Explanation;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Requirements, in its order. That hard needs hold is in SelectionPageTest,
 * NeedsTest, TlsNeedsTest and BoundByNeedsTest, what the target for the latency does in
 * LatencyTest, what is sent again in ReplacedServiceTest and ProcessFaultTest.
 */
@OverEachTransport
final class RequirementsPageTest extends Semantics {

  private static final Requirements STRICT =
      Requirements.security(SecurityLevel.MUTUAL)
          .withDelivery(DeliveryGuarantee.EXACTLY_ONCE)
          .durable()
          .idempotent()
          .maxLatency(Duration.ofMillis(5));

  RequirementsPageTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void theLatencyTargetIsSoftAndAMissedOneIsShown() {
    server.handle("echo", String.class, text -> text);
    Remote view = remote.with(Requirements.NONE.maxLatency(Duration.ofNanos(1)));

    assertThat(await(view.request("echo", "x", String.class))).isEqualTo("x");

    // It is known to miss the target once it was measured.
    Await.until(
        () -> "it is shown: " + view.explain(),
        Await.LONG_ENOUGH,
        () ->
            candidate(view)
                .reasons()
                .contains("misses the latency target of " + Duration.ofNanos(1)));
    assertThat(candidate(view).eligible()).isTrue();
    assertThat(view.explain().chosen()).contains(endpoint);
  }

  private static Explanation.Candidate candidate(Remote view) {
    return view.explain().candidates().get(0);
  }

  @Test
  void noneNeedsNothing() {
    assertThat(Requirements.NONE.security()).isEqualTo(SecurityLevel.NONE);
    assertThat(Requirements.NONE.delivery()).isEqualTo(DeliveryGuarantee.AT_MOST_ONCE);
    assertThat(Requirements.NONE.isDurable()).isFalse();
    assertThat(Requirements.NONE.isIdempotent()).isFalse();
    assertThat(Requirements.NONE.maxLatency()).isEmpty();
  }

  @Test
  void eachSettingReplacesItselfAndKeepsTheOthers() {
    assertThat(STRICT.withSecurity(SecurityLevel.NONE).withSecurity(SecurityLevel.MUTUAL))
        .isEqualTo(STRICT)
        .hasSameHashCodeAs(STRICT)
        .hasToString(
            "Requirements[security=MUTUAL, delivery=EXACTLY_ONCE, durable, idempotent,"
                + " maxLatency=PT0.005S]");
    assertThat(STRICT.withSecurity(SecurityLevel.NONE).security()).isEqualTo(SecurityLevel.NONE);
    assertThat(STRICT.withDelivery(DeliveryGuarantee.AT_MOST_ONCE).delivery())
        .isEqualTo(DeliveryGuarantee.AT_MOST_ONCE);
    assertThat(STRICT.maxLatency(Duration.ofSeconds(9)).maxLatency())
        .contains(Duration.ofSeconds(9));
  }

  @Test
  void theTargetMustBePositive() {
    for (Duration bad : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
      assertThatThrownBy(() -> Requirements.NONE.maxLatency(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("maxLatency " + bad + " must be positive");
    }
  }

  @Test
  void theseAndOthersTogetherAreOfEachTheStricterOne() {
    Requirements loose = Requirements.NONE.maxLatency(Duration.ofSeconds(1));

    assertThat(STRICT.and(loose)).isEqualTo(STRICT);
    assertThat(loose.and(STRICT)).isEqualTo(STRICT);
    assertThat(Requirements.NONE.and(loose)).isEqualTo(loose);
    assertThat(loose.and(Requirements.NONE)).isEqualTo(loose);
  }
}
