package io.carrick.core.select;

import io.carrick.DeliveryGuarantee;
import io.carrick.NoPathException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.spi.Capabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Ranks candidates by needs: hard needs reject, soft needs order. A pure function;
 * docs/selection.md has its rules.
 */
public final class Selector {

  /** What a cost of 0 stands for while nothing was measured. */
  static final long BASE_MICROS = 50;

  /** What each point of cost adds to it. */
  static final long MICROS_PER_COST = 50;

  private Selector() {}

  /** Ranks the candidates, which stand in configured order. */
  public static Choice choose(Requirements needs, List<Candidate> candidates) {
    List<Choice.Ranked> ranked = new ArrayList<>();
    List<Choice.Rejected> rejected = new ArrayList<>();
    for (Candidate candidate : candidates) {
      Optional<NoPathException.Rejection> rejection = reject(needs, candidate);
      if (rejection.isPresent()) {
        rejected.add(new Choice.Rejected(candidate, rejection.get()));
      } else {
        ranked.add(new Choice.Ranked(candidate, reasons(needs, candidate)));
      }
    }
    // The sort is stable, so that configured order decides between equals.
    ranked.sort(
        Comparator.<Choice.Ranked>comparingInt(r -> failing(r.candidate()))
            .thenComparing(r -> missesTarget(needs, r.candidate()))
            .thenComparingLong(r -> score(r.candidate())));
    return new Choice(ranked, rejected);
  }

  /** Whether a connection with these properties meets the hard needs. */
  public static boolean meets(Requirements needs, Capabilities path) {
    return unmet(needs, path).isEmpty();
  }

  private static Optional<NoPathException.Rejection> reject(Requirements needs, Candidate c) {
    return rejection(needs, c.endpoint().toString(), c.capabilities());
  }

  /** Why a path does not meet the hard needs, and what would help; empty where it does. */
  public static Optional<NoPathException.Rejection> rejection(
      Requirements needs, String endpoint, Capabilities path) {
    return unmet(needs, path)
        .map(u -> new NoPathException.Rejection(endpoint, u.reason(), u.remedy()));
  }

  private record Unmet(String reason, String remedy) {}

  private static Optional<Unmet> unmet(Requirements needs, Capabilities path) {
    if (path.security().compareTo(needs.security()) < 0) {
      return Optional.of(
          new Unmet(
              "security " + path.security() + " is below the " + needs.security() + " needed",
              securityRemedy(needs.security())));
    }
    if (path.brokered() && needs.security() != SecurityLevel.NONE) {
      return Optional.of(
          new Unmet(
              "a broker can read what passes, so it counts as NONE end to end",
              "add an endpoint without a broker"));
    }
    if (path.brokered() && needs.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      return Optional.of(
          new Unmet(
              "a broker may deliver twice",
              "add an endpoint without a broker, or need AT_LEAST_ONCE"));
    }
    if (needs.isDurable() && !path.durable()) {
      return Optional.of(
          new Unmet(
              "messages do not survive the absence of the receiver",
              "add the endpoint of a durable broker, or do not need durable()"));
    }
    return Optional.empty();
  }

  private static String securityRemedy(SecurityLevel needed) {
    return "add an endpoint of security "
        + needed
        + ", for instance unix:/path of a listener on this host, or one with TLS"
        + (needed == SecurityLevel.MUTUAL ? " and give this side an identity by tls(...)" : "")
        + ", or relax the need";
  }

  private static int failing(Candidate c) {
    return c.measured().failures() == 0 ? 0 : 1;
  }

  /** Whether the path is known to miss the latency target. */
  static boolean missesTarget(Requirements needs, Candidate c) {
    Optional<Duration> target = needs.maxLatency();
    return target.isPresent()
        && c.measured().isKnown()
        && c.measured().rttMicros() > target.get().toNanos() / 1_000;
  }

  /** The round trip in microseconds that ranks a path; the least is best. */
  public static long score(Candidate c) {
    return c.measured().isKnown() ? c.measured().rttMicros() : declaredMicros(c);
  }

  static long declaredMicros(Candidate c) {
    return BASE_MICROS + c.capabilities().cost() * MICROS_PER_COST;
  }

  private static List<String> reasons(Requirements needs, Candidate c) {
    List<String> reasons = new ArrayList<>();
    Measured measured = c.measured();
    reasons.add("security " + c.capabilities().security());
    reasons.add(
        measured.isKnown()
            ? "measured " + measured.rttMicros() + " us"
            : "cost " + c.capabilities().cost());
    if (measured.failures() > 0) {
      reasons.add("behind the others: failed " + measured.failures() + " times");
    }
    if (missesTarget(needs, c)) {
      reasons.add("misses the latency target of " + needs.maxLatency().orElseThrow());
    }
    return reasons;
  }
}
