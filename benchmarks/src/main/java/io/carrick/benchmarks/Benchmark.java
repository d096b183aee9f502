package io.carrick.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Goes round the peers in short rounds, so that what disturbs the machine disturbs all of them, and
 * prints medians and ratios of the same round.
 */
final class Benchmark {

  private final PrintStream out;
  private final Plan plan;

  Benchmark(PrintStream out, Plan plan) {
    this.out = out;
    this.plan = plan;
  }

  /** A peer that is connected. */
  record Contestant(Peer peer, BenchmarkClient client, ProcessHandle server) {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<String> rest = List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    switch (arguments.length == 0 ? "" : arguments[0]) {
      case "run" -> new Benchmark(out, Plan.of(rest)).run();
      case "serve" -> serve(out, Peer.of(rest.get(0)), Path.of(rest.get(1)));
      case "stream" -> stream(rest);
      default -> {
        System.err.println(Plan.USAGE);
        System.exit(2);
      }
    }
    // Threads that a peer has left must not keep the process.
    System.exit(0);
  }

  private static void serve(PrintStream out, Peer peer, Path socket) throws Exception {
    BenchmarkServer server = peer.serve(socket);
    try {
      out.println(ServerProcess.READY);
      while (System.in.read() >= 0) {
        // What is written is of no interest, only the end of it.
      }
    } finally {
      server.close();
    }
  }

  /** Takes one stream from a server: peer, socket, items, bytes of an item. */
  private static void stream(List<String> arguments) throws Exception {
    try (BenchmarkClient client = Peer.of(arguments.get(0)).connect(Path.of(arguments.get(1)))) {
      client.stream(Integer.parseInt(arguments.get(2)), Integer.parseInt(arguments.get(3)));
    }
  }

  private void run() throws Exception {
    List<ServerProcess> servers = new ArrayList<>();
    List<Contestant> contestants = new ArrayList<>();
    try {
      for (Peer peer : plan.peers()) {
        ServerProcess server = ServerProcess.start(peer);
        servers.add(server);
        contestants.add(new Contestant(peer, peer.connect(server.socket()), server.handle()));
      }
      run(contestants);
    } finally {
      for (Contestant contestant : contestants) {
        contestant.client().close();
      }
      for (ServerProcess server : servers) {
        server.close();
      }
    }
  }

  /** Runs all scenarios with what is connected, and prints the tables. */
  void run(List<Contestant> contestants) throws Exception {
    out.println(circumstances());
    List<Results> all = new ArrayList<>();
    for (Scenario scenario : plan.scenarios()) {
      all.add(rounds(scenario, contestants));
    }
    String peers =
        contestants.stream().map(c -> c.peer().label()).collect(Collectors.joining(" | "));
    String columns = "---|" + "---:|".repeat(contestants.size());
    out.println("Median (least–most) **ratio to the first peer in the same round**:\n");
    out.println("| scenario | " + peers + " |\n|" + columns);
    all.forEach(results -> out.print(results.figures()));
    out.println("\nOne operation costs, client and server together; allocation in the client:\n");
    out.println("| scenario | " + peers + " |\n|" + columns);
    all.forEach(results -> out.print(results.costs()));
  }

  private Results rounds(Scenario scenario, List<Contestant> contestants) throws Exception {
    for (Contestant contestant : contestants) {
      scenario.run(contestant.client(), plan.warmUp().toNanos());
    }
    Results results = new Results(scenario);
    for (int i = 0; i < plan.rounds(); i++) {
      for (Contestant contestant : contestants) {
        Costs before = Costs.of(contestant.server());
        Sample sample = scenario.run(contestant.client(), plan.round().toNanos());
        results.add(contestant.peer(), sample, Costs.of(contestant.server()).minus(before));
      }
    }
    return results;
  }

  private String circumstances() {
    return "%s, commit %s, JDK %s, %s %s, %d processors%s; %d rounds of %d ms, %d ms of warm-up%n"
        .formatted(
            Instant.now().truncatedTo(ChronoUnit.MINUTES),
            System.getProperty("carrick.commit", "unknown"),
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            processor(),
            plan.rounds(),
            plan.round().toMillis(),
            plan.warmUp().toMillis());
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> " (" + line.substring(line.indexOf(':') + 1).strip() + ")")
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
