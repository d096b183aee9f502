package io.carrick.cli;

import io.carrick.MessagingException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures round trips. */
@Command(
    name = "ping",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick ping -c grpc://127.0.0.1:7400",
      "  carrick ping --count 100 --interval 100ms"
    },
    description = {
      "Measures round trips to a service, whatever it serves.",
      "Each is a request on " + Probe.TOPIC + "; that a service has no such handler is an answer."
    })
final class PingCommand implements Callable<Integer> {

  @Mixin private CallingOptions calling = new CallingOptions();

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "4",
      converter = Converters.OfCount.class,
      description = "How often; default: ${DEFAULT-VALUE}.")
  private int count = 4;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = Converters.OfDuration.class,
      description = "The time between two; default: ${DEFAULT-VALUE}.")
  private Duration interval = Duration.ofSeconds(1);

  private final Terminal terminal;

  PingCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    Latencies latencies = new Latencies();
    int exitCode = ExitCode.DONE;
    int made = 0;
    try (Caller caller = Caller.connected(calling)) {
      while (made < count && !terminal.out().isLost()) {
        if (made > 0) {
          Probe.pause(interval);
        }
        made++;
        try {
          long nanos = Probe.roundTripNanos(caller);
          latencies.add(nanos);
          terminal.line(answered(caller, made, nanos));
        } catch (MessagingException e) {
          exitCode = ExitCode.of(e);
          terminal.error(ExitCode.describe(e));
        }
      }
    }
    terminal.line(made + " made, " + latencies.count() + " answered" + latencies.summary());
    return exitCode;
  }

  private String answered(Caller caller, int number, long nanos) {
    return String.format(
        Locale.ROOT,
        "%d  %s  %s  %s",
        number,
        Latencies.millis(nanos),
        caller.remote().service().orElse("?"),
        caller.remote().explain().chosen().orElse("?"));
  }
}
