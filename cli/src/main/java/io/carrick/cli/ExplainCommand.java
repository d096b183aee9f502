package io.carrick.cli;

import io.carrick.Explanation;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Connects and prints which path is used and why. */
@Command(
    name = "explain",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick explain -c unix:/run/user/1000/carrick.sock,grpc://127.0.0.1:7400"},
    description = "Connects, measures, and prints which path is used, which are not, and why.")
final class ExplainCommand implements Callable<Integer> {

  private static final Duration BETWEEN_PROBES = Duration.ofMillis(20);

  private static final String LEGEND =
      """

      *  in use    x  cannot be used, and why
      rtt       round trip as measured; - where it was not
      score     microseconds that rank the paths, the least first: the measured round trip, or what
                the transport declares while there are too few measurements
      failures  attempts to connect that failed since the last one that worked\
      """;

  @Mixin private CallingOptions calling = new CallingOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--measure",
      paramLabel = "TIME",
      defaultValue = "3s",
      converter = Converters.OfDuration.class,
      description =
          "How long to make round trips, at most, until each path was measured; default:"
              + " ${DEFAULT-VALUE}.")
  private Duration measure = Duration.ofSeconds(3);

  private final Terminal terminal;

  ExplainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** As many say what calls see: those of a start are forgotten by then. */
  private static final int SETTLED = 8;

  /** Round trips until the paths were measured, so that what is told is what calls see. */
  private void measure(Caller caller) throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < measure.toNanos() && !isMeasured(caller)) {
      long ignored = Probe.roundTripNanos(caller);
      Probe.pause(BETWEEN_PROBES);
    }
  }

  private static boolean isMeasured(Caller caller) {
    Explanation explanation = caller.remote().explain();
    return explanation.candidates().stream()
        .allMatch(
            candidate ->
                explanation.chosen().filter(candidate.endpoint()::equals).isPresent()
                    ? candidate.samples() >= SETTLED
                    : !candidate.eligible()
                        || candidate.failures() > 0
                        || candidate.rttMicros() >= 0);
  }

  @Override
  public Integer call() throws Exception {
    try (Caller caller = Caller.of(calling)) {
      try {
        caller.connect();
        measure(caller);
      } finally {
        Explanation explanation = caller.remote().explain();
        if (json) {
          terminal.line(explanation.toJson());
        } else {
          terminal.line(explanation.toString().stripTrailing());
          terminal.line(LEGEND);
        }
      }
    }
    return ExitCode.DONE;
  }
}
