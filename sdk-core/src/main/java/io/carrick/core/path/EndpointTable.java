package io.carrick.core.path;

import io.carrick.Explanation;
import io.carrick.NoPathException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.select.Measured;
import io.carrick.core.select.Selector;
import io.carrick.core.session.state.RoundTrip;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The endpoints of a remote and what was seen of them. Safe for use by any thread. */
public final class EndpointTable {

  /** A path that failed is tried beside a working one after 10 s, then after twice as long. */
  static final long FIRST_PROBE_NANOS = 10_000_000_000L;

  /** The longest time between two such tries. */
  static final long LAST_PROBE_NANOS = 600_000_000_000L;

  private final List<Candidate> configured;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Endpoint, Measured> measured = new LinkedHashMap<>();
  private final Map<Endpoint, Probe> probes = new LinkedHashMap<>();

  private SecurityLevel floor = SecurityLevel.NONE;

  /** When a path that failed may be tried beside a working one. */
  private record Probe(long waitNanos, long notBefore) {}

  public EndpointTable(Map<Endpoint, Capabilities> endpoints) {
    this.configured =
        endpoints.entrySet().stream()
            .map(e -> new Candidate(e.getKey(), e.getValue(), Measured.NOTHING))
            .toList();
  }

  /** What the application demands of every session of the remote; it never falls. */
  SecurityLevel floor() {
    synchronized (lock) {
      return floor;
    }
  }

  public void raiseFloor(SecurityLevel level) {
    synchronized (lock) {
      floor = level.compareTo(floor) > 0 ? level : floor;
    }
  }

  public List<String> endpoints() {
    return configured.stream().map(c -> c.endpoint().toString()).toList();
  }

  /** What was configured. */
  List<Candidate> candidates() {
    return configured;
  }

  /** For a new session: what another instance advertised does not count. */
  Choice choose(Requirements needs) {
    synchronized (lock) {
      return Selector.choose(needs, known(configured));
    }
  }

  /** For a session that lives: what its instance advertised counts, too. */
  Choice chooseAll(Requirements needs, Map<Endpoint, Capabilities> advertised) {
    synchronized (lock) {
      List<Candidate> all = new ArrayList<>(configured);
      advertised.forEach((e, c) -> all.add(new Candidate(e, c, Measured.NOTHING)));
      return Selector.choose(needs, known(all));
    }
  }

  private List<Candidate> known(List<Candidate> candidates) {
    return candidates.stream()
        .map(c -> new Candidate(c.endpoint(), c.capabilities(), seen(c.endpoint())))
        .toList();
  }

  private Measured seen(Endpoint endpoint) {
    return measured.getOrDefault(endpoint, Measured.NOTHING);
  }

  /** Whether every endpoint that a session may move to is sure to meet the needs. */
  boolean allMeet(Requirements needs, Map<Endpoint, Capabilities> advertised) {
    return Stream.concat(
            configured.stream().map(Candidate::capabilities), advertised.values().stream())
        .allMatch(path -> Selector.meets(needs, path) && isSure(needs, path));
  }

  /** Over a network it is the service that decides whether to ask for this side's identity. */
  private static boolean isSure(Requirements needs, Capabilities path) {
    return needs.security() != SecurityLevel.MUTUAL || path.sameHostOnly();
  }

  void failed(Endpoint endpoint, long now) {
    synchronized (lock) {
      measured.put(endpoint, seen(endpoint).failed());
      Probe before = probes.get(endpoint);
      long wait =
          before == null ? FIRST_PROBE_NANOS : Math.min(LAST_PROBE_NANOS, before.waitNanos() * 2);
      probes.put(endpoint, new Probe(wait, now + wait));
    }
  }

  /** The path broke while it carried a session. */
  void broke(Endpoint endpoint) {
    synchronized (lock) {
      measured.put(endpoint, seen(endpoint).failed());
    }
  }

  void worked(Endpoint endpoint) {
    synchronized (lock) {
      measured.put(endpoint, seen(endpoint).succeeded());
      probes.remove(endpoint);
    }
  }

  /** A session with another instance began: what was down with the one before may be up. */
  void begun() {
    synchronized (lock) {
      probes.clear();
    }
  }

  /** Whether it may be tried beside a path that works. */
  boolean mayProbe(Endpoint endpoint, long now) {
    synchronized (lock) {
      Probe probe = probes.get(endpoint);
      return probe == null || now - probe.notBefore() >= 0;
    }
  }

  /** What was measured of an endpoint, over the connection that carries a session or beside it. */
  void measured(Endpoint endpoint, RoundTrip rtt) {
    if (rtt.nanos() >= 0) {
      long micros = Math.max(1, rtt.nanos() / 1_000);
      synchronized (lock) {
        measured.put(endpoint, seen(endpoint).measured(micros, rtt.measurements()));
      }
    }
  }

  NoPathException noPath(Requirements needs, Choice choice) {
    List<NoPathException.Rejection> rejections =
        choice.rejected().stream().map(Choice.Rejected::rejection).toList();
    StringBuilder message = new StringBuilder("no endpoint meets ").append(needs);
    for (NoPathException.Rejection r : rejections) {
      message
          .append("; ")
          .append(r.endpoint())
          .append(": ")
          .append(r.reason())
          .append(" (")
          .append(r.remedy())
          .append(')');
    }
    return new NoPathException(message.toString(), rejections);
  }

  /** Why no endpoint meets the needs and the floor; empty where one does. */
  public Optional<NoPathException> refusal(Requirements needs) {
    Requirements all = needs.and(Requirements.security(floor()));
    Choice choice = choose(all);
    return choice.ranked().isEmpty() ? Optional.of(noPath(all, choice)) : Optional.empty();
  }

  /** Why the one endpoint of a broker is used, or not. */
  public Explanation explain(Requirements needs, boolean connected, PathEvents events) {
    Optional<String> chosen = connected ? Optional.of(endpoints().get(0)) : Optional.empty();
    return explain("", needs, floor(), new InSession(chosen, Map.of(), Map.of(), events));
  }

  /** What a session knows beyond what its remote does. */
  record InSession(
      Optional<String> chosen,
      Map<Endpoint, Capabilities> advertised,
      Map<Endpoint, String> refused,
      PathEvents events) {}

  /** What is dialled is eligible: what meets the needs and the floor, and is not refused. */
  Explanation explain(String service, Requirements needs, SecurityLevel required, InSession seen) {
    Choice choice = chooseAll(needs.and(Requirements.security(required)), seen.advertised());
    Predicate<Choice.Ranked> refused = r -> seen.refused().containsKey(r.candidate().endpoint());
    List<Explanation.Candidate> candidates =
        Stream.of(
                choice.ranked().stream()
                    .filter(refused.negate())
                    .map(r -> explained(r.candidate(), true, r.reasons(), seen)),
                choice.ranked().stream()
                    .filter(refused)
                    .map(
                        r ->
                            explained(
                                r.candidate(),
                                false,
                                List.of(seen.refused().get(r.candidate().endpoint())),
                                seen)),
                choice.rejected().stream()
                    .map(
                        r ->
                            explained(
                                r.candidate(),
                                false,
                                List.of(r.rejection().reason(), r.rejection().remedy()),
                                seen)))
            .flatMap(all -> all)
            .toList();
    return new Explanation(service, needs, seen.chosen(), candidates, seen.events().history());
  }

  private Explanation.Candidate explained(
      Candidate c, boolean eligible, List<String> reasons, InSession seen) {
    return new Explanation.Candidate(
        c.endpoint().toString(),
        eligible,
        reasons,
        c.measured().rttMicros(),
        c.measured().samples(),
        Selector.score(c),
        c.measured().failures(),
        seen.advertised().containsKey(c.endpoint()));
  }
}
