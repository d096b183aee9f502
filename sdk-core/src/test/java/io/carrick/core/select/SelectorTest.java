package io.carrick.core.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.DeliveryGuarantee;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SelectorTest {

  private static final Candidate UNIX =
      candidate("unix:/run/a.sock", SecurityLevel.MUTUAL, false, 0);
  private static final Candidate PLAIN = candidate("tcp://a:1", SecurityLevel.NONE, false, 20);
  private static final Candidate TLS =
      candidate("grpcs://a:1", SecurityLevel.SERVER_AUTHENTICATED, false, 30);
  private static final Candidate BROKER = candidate("mqtt://b:1", SecurityLevel.NONE, true, 80);

  private static Candidate candidate(
      String endpoint, SecurityLevel security, boolean brokered, int cost) {
    return new Candidate(
        Endpoint.parse(endpoint),
        Capabilities.of(security)
            .withAuthenticatesPeer(security == SecurityLevel.MUTUAL)
            .withSameHostOnly(endpoint.startsWith("unix"))
            .withBrokered(brokered)
            .withDurable(brokered)
            .withCost(cost),
        Measured.NOTHING);
  }

  private static Candidate seen(Candidate c, int failures, long rttMicros) {
    return new Candidate(
        c.endpoint(),
        c.capabilities(),
        new Measured(failures, rttMicros, rttMicros < 0 ? 0 : Measured.ENOUGH_SAMPLES));
  }

  static Stream<Arguments> rankings() {
    Requirements none = Requirements.NONE;
    Requirements fast = none.maxLatency(Duration.ofMillis(1));
    return Stream.of(
        Arguments.of("cost decides", none, List.of(TLS, PLAIN, UNIX), "unix tcp grpcs"),
        Arguments.of(
            "equal costs stand as configured", none, List.of(PLAIN, seen(PLAIN, 0, -1)), "tcp tcp"),
        Arguments.of(
            "a measurement beats a declared cost",
            none,
            List.of(PLAIN, seen(TLS, 0, 400)),
            "grpcs tcp"),
        Arguments.of(
            "a failing path goes behind", none, List.of(seen(UNIX, 1, 20), TLS), "grpcs unix"),
        Arguments.of(
            "a missed target goes behind",
            fast,
            List.of(seen(PLAIN, 0, 1_200), BROKER),
            "mqtt tcp"),
        Arguments.of(
            "security rejects",
            Requirements.security(SecurityLevel.ENCRYPTED),
            List.of(PLAIN, TLS, BROKER, UNIX),
            "unix grpcs"),
        Arguments.of(
            "exactly once rejects a broker",
            Requirements.delivery(DeliveryGuarantee.EXACTLY_ONCE),
            List.of(BROKER, PLAIN),
            "tcp"),
        Arguments.of(
            "at least once takes a broker",
            Requirements.delivery(DeliveryGuarantee.AT_LEAST_ONCE),
            List.of(BROKER, PLAIN),
            "tcp mqtt"),
        Arguments.of("durable takes only a broker", none.durable(), List.of(BROKER, UNIX), "mqtt"),
        Arguments.of(
            "nothing is downgraded",
            Requirements.security(SecurityLevel.MUTUAL),
            List.of(PLAIN, TLS),
            ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rankings")
  void ranks(String why, Requirements needs, List<Candidate> candidates, String expected) {
    Choice choice = Selector.choose(needs, candidates);

    assertThat(choice.ranked())
        .extracting(r -> r.candidate().endpoint().scheme())
        .containsExactly(expected.isEmpty() ? new String[0] : expected.split(" "));
    assertThat(choice.ranked().size() + choice.rejected().size()).isEqualTo(candidates.size());
    assertThat(choice.ranked()).allSatisfy(r -> assertThat(r.reasons()).isNotEmpty());
    assertThat(choice.rejected())
        .allSatisfy(
            r -> {
              assertThat(r.rejection().reason()).isNotEmpty();
              assertThat(r.rejection().remedy()).isNotEmpty();
            });
  }
}
