package io.carrick.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The rounds of one scenario, and the rows of a table that tell about them. */
final class Results {

  /** One peer in one round. */
  record Round(Sample sample, Costs costs) {

    double cpuMicros() {
      return costs.cpuNanos() / 1e3 / sample.operations();
    }

    double allocated() {
      return (double) costs.allocatedBytes() / sample.operations();
    }
  }

  private final Scenario scenario;
  private final Map<Peer, List<Round>> rounds = new EnumMap<>(Peer.class);

  Results(Scenario scenario) {
    this.scenario = scenario;
  }

  void add(Peer peer, Sample sample, Costs costs) {
    rounds.computeIfAbsent(peer, p -> new ArrayList<>()).add(new Round(sample, costs));
  }

  /** One row for each figure: a cell for each peer, with its ratio to the first. */
  String figures() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < scenario.figures().size(); i++) {
      int figure = i;
      row(out, scenario.figures().get(i), round -> round.sample().figures()[figure], true);
    }
    return out.toString();
  }

  /** One row for each cost of one operation. */
  String costs() {
    StringBuilder out = new StringBuilder();
    row(out, "CPU µs", Round::cpuMicros, true);
    row(out, "B allocated", Round::allocated, false);
    return out.toString();
  }

  private void row(
      StringBuilder out, String figure, ToDoubleFunction<Round> value, boolean ratios) {
    out.append("| ").append(scenario.title).append(", ").append(figure).append(" |");
    double[] base = {};
    for (Peer peer : rounds.keySet()) {
      double[] values = rounds.getOrDefault(peer, List.of()).stream().mapToDouble(value).toArray();
      out.append(' ').append(cell(values));
      if (base.length == 0) {
        base = values;
      } else if (ratios) {
        out.append(" **").append(cell(divide(values, base))).append("**");
      }
      out.append(" |");
    }
    out.append('\n');
  }

  private static double[] divide(double[] values, double[] base) {
    double[] ratios = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      ratios[i] = values[i] / base[i];
    }
    return ratios;
  }

  /** The median and what lies round it. */
  static String cell(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return number(sorted[sorted.length / 2])
        + " ("
        + number(sorted[0])
        + "–"
        + number(sorted[sorted.length - 1])
        + ")";
  }

  private static String number(double value) {
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.2fM", value / 1e6);
    }
    if (value >= 1e4) {
      return String.format(Locale.ROOT, "%.0fk", value / 1e3);
    }
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }
}
