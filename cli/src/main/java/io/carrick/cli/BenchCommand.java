package io.carrick.cli;

import io.carrick.ContentTypes;
import io.carrick.Message;
import io.carrick.Topic;
import io.carrick.serialization.JsonCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures how many requests a service answers, and how quickly. */
@Command(
    name = "bench",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick bench -c grpc://127.0.0.1:7400",
      "  carrick bench --duration 30s --in-flight 32 --size 1024 carrick/echo"
    },
    description = {
      "Makes requests as fast as they are answered, some at a time, and prints how many were"
          + " answered a second and how long they took. The first second is not counted.",
      "The first failure ends it. It loads the service: do not point it at one that others use."
    })
final class BenchCommand implements Callable<Integer> {

  private static final long WARM_UP_NANOS = 1_000_000_000;

  @Mixin private CallingOptions calling = new CallingOptions();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TOPIC",
      defaultValue = BuiltInService.ECHO,
      description = "Where the requests go; default: ${DEFAULT-VALUE}.")
  private String topic = BuiltInService.ECHO;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "5s",
      converter = Converters.OfPositive.class,
      description = "How long to count; default: ${DEFAULT-VALUE}.")
  private Duration duration = Duration.ofSeconds(5);

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "1",
      converter = Converters.OfConcurrency.class,
      description = "How many at a time, each of a thread that waits; default: ${DEFAULT-VALUE}.")
  private int inFlight = 1;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      defaultValue = "64",
      converter = Converters.OfSize.class,
      description = "The size of the body, which is text; default: ${DEFAULT-VALUE}.")
  private int size = 64;

  @Option(names = "--json", description = "Print one JSON object; times in microseconds.")
  private boolean json;

  private final Terminal terminal;

  BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    Topic.check(topic);
    Message body =
        Message.of(ContentTypes.TEXT, "x".repeat(size).getBytes(StandardCharsets.US_ASCII));
    Latencies latencies = new Latencies();
    try (Caller caller = Caller.connected(calling)) {
      long start = System.nanoTime() + WARM_UP_NANOS;
      long nanos = run(caller, body, latencies, start);
      String path = caller.remote().explain().chosen().orElse("?");
      terminal.line(json ? asJson(latencies, nanos, path) : asText(latencies, nanos, path));
    }
    return ExitCode.DONE;
  }

  /** Returns how long it counted. */
  private long run(Caller caller, Message body, Latencies latencies, long start) throws Exception {
    // One thread for each call at a time, and nothing waits for one.
    ExecutorService threads =
        new ThreadPoolExecutor(inFlight, inFlight, 0, TimeUnit.SECONDS, new SynchronousQueue<>());
    try {
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < inFlight; i++) {
        ends.add(threads.submit(() -> callUntilTheEnd(caller, body, latencies, start)));
      }
      for (Future<Void> end : ends) {
        end.get();
      }
      return System.nanoTime() - start;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private Void callUntilTheEnd(Caller caller, Message body, Latencies latencies, long start)
      throws Exception {
    long now = System.nanoTime();
    while (now - start < duration.toNanos()) {
      long began = now;
      caller.await(caller.remote().request(topic, body, Message.class));
      now = System.nanoTime();
      if (began - start >= 0) {
        latencies.add(now - began);
      }
    }
    return null;
  }

  private String asText(Latencies latencies, long nanos, String path) {
    return String.format(
        Locale.ROOT,
        "%,d requests of %,d bytes in %.1f s over %s, %d at a time: %,.0f a second%n"
            + "p50 %s, p90 %s, p99 %s, p99.9 %s, longest %s",
        latencies.count(),
        size,
        nanos / 1e9,
        path,
        inFlight,
        latencies.count() * 1e9 / nanos,
        Latencies.millis(latencies.percentile(50)),
        Latencies.millis(latencies.percentile(90)),
        Latencies.millis(latencies.percentile(99)),
        Latencies.millis(latencies.percentile(99.9)),
        Latencies.millis(latencies.most()));
  }

  private String asJson(Latencies latencies, long nanos, String path) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("requests", latencies.count());
    result.put("seconds", nanos / 1e9);
    result.put("perSecond", latencies.count() * 1e9 / nanos);
    result.put("path", path);
    result.put("inFlight", inFlight);
    result.put("size", size);
    result.put("p50Micros", latencies.percentile(50) / 1_000);
    result.put("p90Micros", latencies.percentile(90) / 1_000);
    result.put("p99Micros", latencies.percentile(99) / 1_000);
    result.put("p999Micros", latencies.percentile(99.9) / 1_000);
    result.put("longestMicros", latencies.most() / 1_000);
    return new String(new JsonCodec().encode(result), StandardCharsets.UTF_8);
  }
}
