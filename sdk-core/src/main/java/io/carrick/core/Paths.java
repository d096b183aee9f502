package io.carrick.core;

import io.carrick.Explanation;
import io.carrick.NoPathException;
import io.carrick.Requirements;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.select.Measured;
import io.carrick.core.select.Selector;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The endpoints of a remote and what was seen of them. Safe for use by any thread. */
final class Paths {

  static final int MAX_EVENTS = 64;

  private final List<Candidate> configured;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Map<Endpoint, Measured> measured = new LinkedHashMap<>();
  private final ArrayDeque<Explanation.Event> events = new ArrayDeque<>();

  Paths(Map<Endpoint, Capabilities> endpoints) {
    this.configured =
        endpoints.entrySet().stream()
            .map(e -> new Candidate(e.getKey(), e.getValue(), Measured.NOTHING))
            .toList();
  }

  List<String> endpoints() {
    return configured.stream().map(c -> c.endpoint().toString()).toList();
  }

  Choice choose(Requirements needs) {
    synchronized (lock) {
      return Selector.choose(
          needs,
          configured.stream()
              .map(
                  c ->
                      new Candidate(
                          c.endpoint(),
                          c.capabilities(),
                          measured.getOrDefault(c.endpoint(), Measured.NOTHING)))
              .toList());
    }
  }

  /** Whether every endpoint meets the needs. */
  boolean allMeet(Requirements needs) {
    return configured.stream().allMatch(c -> Selector.meets(needs, c.capabilities()));
  }

  void failed(Endpoint endpoint, String reason) {
    synchronized (lock) {
      measured.put(endpoint, measured.getOrDefault(endpoint, Measured.NOTHING).failed());
      add("failed", endpoint.toString(), reason);
    }
  }

  void connected(Endpoint endpoint, String reason) {
    synchronized (lock) {
      measured.put(endpoint, measured.getOrDefault(endpoint, Measured.NOTHING).succeeded(-1));
      add("connected", endpoint.toString(), reason);
    }
  }

  void measured(Endpoint endpoint, long rttNanos) {
    if (rttNanos >= 0) {
      synchronized (lock) {
        measured.put(
            endpoint,
            measured
                .getOrDefault(endpoint, Measured.NOTHING)
                .succeeded(Math.max(1, rttNanos / 1_000)));
      }
    }
  }

  void event(String what, String endpoint, String reason) {
    synchronized (lock) {
      add(what, endpoint, reason);
    }
  }

  private void add(String what, String endpoint, String reason) {
    if (events.size() == MAX_EVENTS) {
      events.remove();
    }
    events.add(new Explanation.Event(System.currentTimeMillis(), what, endpoint, reason));
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

  Explanation explain(String service, Requirements needs, Optional<String> chosen) {
    Choice choice = choose(needs);
    List<Explanation.Candidate> candidates =
        Stream.concat(
                choice.ranked().stream().map(r -> explained(r.candidate(), true, r.reasons())),
                choice.rejected().stream()
                    .map(
                        r ->
                            explained(
                                r.candidate(),
                                false,
                                List.of(r.rejection().reason(), r.rejection().remedy()))))
            .toList();
    synchronized (lock) {
      return new Explanation(service, needs, chosen, candidates, new ArrayList<>(events));
    }
  }

  private static Explanation.Candidate explained(
      Candidate c, boolean eligible, List<String> reasons) {
    return new Explanation.Candidate(
        c.endpoint().toString(),
        eligible,
        reasons,
        c.measured().rttMicros(),
        c.measured().failures());
  }
}
