package io.carrick.cli;

import io.carrick.serialization.JsonCodec;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The tour: every pattern over every transport, and what became of each message. */
@Command(
    name = "demo",
    footerHeading = "%nExamples:%n",
    footer = {"  carrick demo", "  carrick demo --json > result.json"},
    description = {
      "Starts a service on every transport that is installed, calls it by every pattern, moves a"
          + " running stream through all of them while connections are cut, and counts what became"
          + " of each message.",
      "Exit code 0 says that each arrived once and in order."
    })
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--json",
      description = "End with a JSON object on standard output; the tour goes to standard error.")
  private boolean json;

  private final Terminal terminal;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    long start = System.nanoTime();
    List<TourStop> stops = TourStop.installed();
    List<String> failed = new ArrayList<>();
    say("One service, one caller, every pattern over every transport that is installed.");
    Tally total = Tally.NONE;
    for (TourStop stop : stops) {
      total = total.plus(visit(stop, failed));
    }
    Moved moved = stops.isEmpty() ? new Moved(Tally.NONE, 0) : move(stops, failed);
    total = total.plus(moved.tally());
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    List<String> schemes = stops.stream().map(TourStop::scheme).toList();
    terminal.line(
        json
            ? jsonSummary(total, moved.moves(), schemes, millis, failed)
            : summary(total, moved.moves(), schemes, millis));
    return total.isClean() && failed.isEmpty() && !stops.isEmpty()
        ? ExitCode.DONE
        : ExitCode.FAILED;
  }

  private Tally visit(TourStop stop, List<String> failed) {
    Tally total = Tally.NONE;
    try {
      say("");
      try (Tour tour = new Tour(terminal, stop.endpoint().get())) {
        say(terminal.painted(Terminal.Colour.BOLD, tour.endpoint()));
        for (Tour.Leg leg : tour.legs()) {
          total = total.plus(walk(stop, leg, failed));
        }
      }
    } catch (RuntimeException e) {
      failed.add(stop.scheme());
      terminal.error(stop.scheme() + ": " + ExitCode.describe(e));
    }
    return total;
  }

  private record Moved(Tally tally, int moves) {}

  private Moved move(List<TourStop> stops, List<String> failed) {
    say("");
    say(
        "One stream that moves through all of them, while the connection under it is cut. Its"
            + " source pauses after each item: 'carrick bench' measures, this does not.");
    try (MovingTour tour = new MovingTour(stops, this::say)) {
      Tally tally = tour.run();
      say(
          format("  %,d moves; ", tour.moves())
              + (tally.isClean() ? format("all %,d items arrived", tally.sent()) : text(tally)));
      return new Moved(tally, tour.moves());
    } catch (Exception e) {
      failed.add("moves");
      terminal.error("moves: " + ExitCode.describe(e));
      return new Moved(Tally.NONE, 0);
    }
  }

  private Tally walk(TourStop stop, Tour.Leg leg, List<String> failed) {
    long start = System.nanoTime();
    try {
      Tally tally = leg.walk().run();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      String verdict =
          tally.isClean()
              ? terminal.painted(Terminal.Colour.GREEN, "all arrived")
              : terminal.painted(Terminal.Colour.RED, text(tally));
      say(format("  %-8s %-45s %6d ms  %s", leg.pattern(), leg.what(), millis, verdict));
      return tally;
    } catch (Exception e) {
      failed.add(stop.scheme() + " " + leg.pattern());
      terminal.error(stop.scheme() + " " + leg.pattern() + ": " + ExitCode.describe(e));
      return Tally.NONE;
    }
  }

  private void say(String line) {
    PrintStream stream = json ? terminal.err() : terminal.out();
    stream.println(line);
    stream.flush();
  }

  private static String summary(Tally total, int moves, List<String> schemes, long millis) {
    return "\n"
        + text(total)
        + format(
            " over %s with %,d moves in %,d ms",
            schemes.isEmpty() ? "no transport" : schemes, moves, millis);
  }

  private static String text(Tally tally) {
    return format(
        "%,d sent, %,d received, %,d lost, %,d duplicated, %,d reordered",
        tally.sent(), tally.received(), tally.lost(), tally.duplicated(), tally.reordered());
  }

  private static String jsonSummary(
      Tally total, int moves, List<String> schemes, long millis, List<String> failed) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("sent", total.sent());
    summary.put("received", total.received());
    summary.put("lost", total.lost());
    summary.put("duplicated", total.duplicated());
    summary.put("reordered", total.reordered());
    summary.put("moves", moves);
    summary.put("transports", schemes);
    summary.put("failed", failed);
    summary.put("millis", millis);
    return new String(new JsonCodec().encode(summary), StandardCharsets.UTF_8);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
