package io.carrick.benchmarks;

import java.io.IOException;

/** Answers the calls of a {@link BenchmarkClient} until it is closed. */
interface BenchmarkServer extends AutoCloseable {

  @Override
  void close() throws IOException;
}
