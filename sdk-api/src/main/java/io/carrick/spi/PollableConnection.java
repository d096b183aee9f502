package io.carrick.spi;

import java.time.Duration;

/** A connection that callers may read themselves while they wait. */
public interface PollableConnection extends Connection {

  /**
   * Reads for a caller that waits, if nobody else does: callbacks run on this thread (C21). What
   * arrives after it returns is read by the transport again, at the latest some milliseconds after
   * the last poll, so that callers that poll one after the other need no other thread. An
   * interrupted thread does not wait, and stays interrupted.
   *
   * @param max how long to wait for input, to a millisecond; zero to say that no caller is about to
   *     poll, so that the transport reads by itself at once
   * @return whether anything was read; false at once where another thread reads, and on a closed
   *     connection
   */
  boolean poll(Duration max);
}
