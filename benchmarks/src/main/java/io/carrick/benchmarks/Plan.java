package io.carrick.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What is run and for how long.
 *
 * @param warmUp of each peer before the rounds of each scenario
 * @param round of each peer in each round
 */
record Plan(
    List<Peer> peers, List<Scenario> scenarios, int rounds, Duration warmUp, Duration round) {

  static final String USAGE =
      """
      usage: run.sh [--quick] [--peers raw,carrick,carrick-pool,
                          grpc-bidi,grpc-unary,carrick-grpc] [--scenarios s1,s2,s3,s3_small,s4]
                    [--rounds N] [--warm-up MILLIS] [--round MILLIS]""";

  private static final Plan FULL =
      new Plan(
          List.of(Peer.values()),
          List.of(Scenario.values()),
          5,
          Duration.ofSeconds(8),
          Duration.ofMillis(500));

  /** Reads the arguments. */
  static Plan of(List<String> arguments) {
    Plan plan = FULL;
    for (int i = 0; i < arguments.size(); i++) {
      String name = arguments.get(i);
      if (name.equals("--quick")) {
        plan = plan.rounds(3).warmUp(Duration.ofMillis(800)).round(Duration.ofMillis(200));
      } else if (i + 1 < arguments.size()) {
        i++;
        plan = plan.with(name, arguments.get(i));
      } else {
        throw new IllegalArgumentException(name + " is no option, or lacks its value");
      }
    }
    return plan;
  }

  private Plan with(String name, String value) {
    return switch (name) {
      case "--peers" ->
          new Plan(
              Arrays.stream(value.split(",", -1)).map(Peer::of).toList(),
              scenarios,
              rounds,
              warmUp,
              round);
      case "--scenarios" ->
          new Plan(
              peers,
              Arrays.stream(value.toUpperCase(Locale.ROOT).split(",", -1))
                  .map(Scenario::valueOf)
                  .toList(),
              rounds,
              warmUp,
              round);
      case "--rounds" -> rounds(Integer.parseInt(value));
      case "--warm-up" -> warmUp(Duration.ofMillis(Long.parseLong(value)));
      case "--round" -> round(Duration.ofMillis(Long.parseLong(value)));
      default -> throw new IllegalArgumentException(name + " is no option");
    };
  }

  private Plan rounds(int value) {
    return new Plan(peers, scenarios, value, warmUp, round);
  }

  private Plan warmUp(Duration value) {
    return new Plan(peers, scenarios, rounds, value, round);
  }

  private Plan round(Duration value) {
    return new Plan(peers, scenarios, rounds, warmUp, value);
  }
}
