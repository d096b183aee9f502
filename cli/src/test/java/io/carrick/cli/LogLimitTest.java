package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class LogLimitTest {

  private final AtomicLong nanos = new AtomicLong();
  private final LogLimit limit = new LogLimit(nanos::get);

  private static LogRecord record(String logger, String message) {
    LogRecord record = new LogRecord(Level.WARNING, message);
    record.setLoggerName(logger);
    record.setThrown(new IllegalStateException("of the peer"));
    return record;
  }

  @Test
  void aPeerWritesFewLinesAndNoTraces() {
    int passed = 0;
    for (int i = 0; i < 10_000; i++) {
      LogRecord record =
          record("io.grpc.netty.NettyServerHandler", "Stream Error of /127.0.0.1:" + i);
      if (limit.isLoggable(record)) {
        passed++;
        assertThat(record.getThrown()).isNull();
        assertThat(record.getMessage()).contains("of the peer");
      }
    }

    assertThat(passed).isEqualTo(LogLimit.MOST);
  }

  @Test
  void theNextLineTellsWhatWasHeldBack() {
    for (int i = 0; i < LogLimit.MOST + 5; i++) {
      limit.isLoggable(record("io.carrick.x", "again"));
    }
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
    LogRecord next = record("io.carrick.x", "again");

    assertThat(limit.isLoggable(next)).isTrue();

    assertThat(next.getMessage()).isEqualTo("again (5 more like this were not shown)");
    assertThat(next.getThrown()).isNotNull();
  }

  @Test
  void othersAreHeardBesideTheLoudOne() {
    for (int i = 0; i < 1_000; i++) {
      limit.isLoggable(record("io.grpc.a", "loud"));
    }

    assertThat(limit.isLoggable(record("io.grpc.a", "quiet"))).isTrue();
    assertThat(limit.isLoggable(record("io.carrick.b", "loud"))).isTrue();
  }
}
