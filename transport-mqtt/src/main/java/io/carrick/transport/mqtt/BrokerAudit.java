package io.carrick.transport.mqtt;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells in the audit log what a broker did that none should: once a connection, and at most {@value
 * #MAX_LINES} times a second. Safe for use by any thread.
 */
final class BrokerAudit {

  private static final int MAX_LINES = 100;

  private static final System.Logger LOG = System.getLogger("io.carrick.audit");

  private static final AtomicLong SECOND = new AtomicLong();
  private static final AtomicLong LINES = new AtomicLong();

  private BrokerAudit() {}

  /**
   * Writes the line.
   *
   * @param address of the endpoint, which is ours
   * @param what happened to the packet
   */
  static void log(String address, String what, long number) {
    Instant now = Instant.now();
    if (SECOND.getAndSet(now.getEpochSecond()) != now.getEpochSecond()) {
      LINES.set(0);
    }
    if (LINES.incrementAndGet() <= MAX_LINES) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{\"event\":\"broker-tricked\",\"time\":\""
              + now
              + "\",\"address\":\""
              + address
              + "\",\"reason\":\""
              + what
              + "\",\"packet\":\""
              + number
              + "\"}");
    }
  }
}
