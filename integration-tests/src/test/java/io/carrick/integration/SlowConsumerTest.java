package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A consumer that takes 100 items a second out of a million, in a heap of 128 MiB. */
@Tag("slow")
final class SlowConsumerTest {

  private static final int ITEMS = 1_000_000;
  private static final int SLOW_SECONDS = 10;
  private static final long MOST_MICROS = 50_000;

  @TempDir Path directory;

  @Test
  @Timeout(150)
  void everyItemComesOnceAndRequestsBesideStayFast() throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            SlowConsumer.class,
            List.of("-Xmx128m"),
            directory.toString(),
            Integer.toString(ITEMS),
            Integer.toString(SLOW_SECONDS))) {
      int exit = child.exit(Duration.ofSeconds(140));

      List<String> lines = child.lines();
      System.out.println("Slow consumer: " + lines);
      assertThat(exit).as("what it printed: %s", lines).isZero();
      assertThat(lines).contains("taken " + ITEMS);
      assertThat(number(lines, "slow-taken")).isBetween(83L * SLOW_SECONDS, 103L * SLOW_SECONDS);
      assertThat(number(lines, "p99-micros-slow")).isLessThanOrEqualTo(MOST_MICROS);
      assertThat(number(lines, "p99-micros-fast")).isLessThanOrEqualTo(MOST_MICROS);
      assertThat(number(lines, "requests")).isGreaterThan(1_000);
    }
  }

  private static long number(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}
