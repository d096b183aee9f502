package io.carrick.benchmarks;

import java.util.Arrays;
import java.util.List;

/** What is done with each peer, and which figures it gives. */
enum Scenario {
  /** A blocking caller, one request in flight. */
  S1("S1 64 B blocking request", 64),
  /** Each reply's continuation sends the next request. */
  S2("S2 64 B, 64 in flight", 64),
  /** A stream from the server to the client. */
  S3("S3 1 KiB stream", 1 << 10),
  /** As S3 with small items. */
  S3_SMALL("S3 64 B stream", 64),
  /** As S3 with large items. */
  S4("S4 64 KiB stream", 64 << 10);

  private static final int IN_FLIGHT = 64;
  private static final int MOST_SAMPLES = 1 << 18;
  private static final int STREAM_BYTES = 64 << 20;
  private static final int MOST_ITEMS = 100_000;

  /** Who measures for less gets as much shorter streams. */
  private static final double WHOLE_STREAM_NANOS = 2e8;

  final String title;
  private final int bytes;

  Scenario(String title, int bytes) {
    this.title = title;
    this.bytes = bytes;
  }

  /** What the figures of a sample say. */
  List<String> figures() {
    return switch (this) {
      case S1 -> List.of("p50 µs", "p99 µs");
      case S2 -> List.of("requests/s");
      case S3, S3_SMALL -> List.of("items/s");
      case S4 -> List.of("MB/s");
    };
  }

  /** Runs for about this time. */
  Sample run(BenchmarkClient client, long nanos) throws Exception {
    return switch (this) {
      case S1 -> requests(client, nanos);
      case S2 -> pipelined(client, nanos);
      case S3, S3_SMALL, S4 -> streamed(client, nanos);
    };
  }

  private Sample requests(BenchmarkClient client, long nanos) throws Exception {
    byte[] body = new byte[bytes];
    long[] micros = new long[MOST_SAMPLES];
    int count = 0;
    long start = System.nanoTime();
    long last = start;
    while (last - start < nanos && count < micros.length) {
      client.call(body);
      long now = System.nanoTime();
      micros[count++] = now - last;
      last = now;
    }
    Arrays.sort(micros, 0, count);
    return new Sample(
        count, new double[] {micros[count / 2] / 1e3, micros[(int) (count * 0.99)] / 1e3});
  }

  private Sample pipelined(BenchmarkClient client, long nanos) throws Exception {
    long start = System.nanoTime();
    long answered = client.pipeline(new byte[bytes], IN_FLIGHT, nanos);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Sample(answered, new double[] {answered / seconds});
  }

  private Sample streamed(BenchmarkClient client, long nanos) throws Exception {
    double share = Math.min(1, nanos / WHOLE_STREAM_NANOS);
    int items = (int) Math.ceil(share * Math.min(MOST_ITEMS, STREAM_BYTES / bytes));
    long taken = 0;
    long start = System.nanoTime();
    long now;
    do {
      client.stream(items, bytes);
      taken += items;
      now = System.nanoTime();
    } while (now - start < nanos);
    double perSecond = taken / ((now - start) / 1e9);
    return new Sample(taken, new double[] {this == S4 ? perSecond * bytes / 1e6 : perSecond});
  }
}
