package io.carrick.benchmarks;

import java.io.IOException;

/** What each scenario needs of a peer. Used by one thread. */
interface BenchmarkClient extends AutoCloseable {

  /** Makes one request and waits for its reply, which is the body. */
  void call(byte[] body) throws Exception;

  /**
   * Keeps requests in flight, each reply sending the next, until the time is over and all are
   * answered.
   *
   * @return how many were answered
   */
  long pipeline(byte[] body, int inFlight, long nanos) throws Exception;

  /**
   * Takes a stream of items from the server.
   *
   * @throws IllegalStateException if another number of items or of bytes arrives
   */
  void stream(int items, int itemBytes) throws Exception;

  @Override
  void close() throws IOException;
}
