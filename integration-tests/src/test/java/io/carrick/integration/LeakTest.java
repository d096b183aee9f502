package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** After a thousand bad inputs nothing is left: no thread, no descriptor, no memory. */
final class LeakTest {

  private static final int WARM = 100;
  private static final int ALL = 1_000;
  private static final long MAX_GROWTH_BYTES = 1 << 20;

  @TempDir Path directory;

  @Test
  @Timeout(150)
  void aThousandRepetitionsAndCloseLeaveNothing() throws Exception {
    once(directory.resolve("warm"), 2, 1);
    long descriptors = openDescriptors();

    long[] held = once(directory.resolve("all"), ALL, WARM);

    Await.until(
        () -> "no thread of Carrick; there are " + carrickThreads(),
        Duration.ofSeconds(5),
        () -> carrickThreads().isEmpty());
    Await.until(
        () -> descriptors + " descriptors; there are " + openDescriptors(),
        Duration.ofSeconds(5),
        () -> openDescriptors() <= descriptors);
    System.out.printf(
        "Held after %d repetitions: %,d bytes, after %d: %,d bytes, after close: %,d bytes%n",
        WARM, held[0], ALL, held[1], heldBytes());
    // Not what was held before close(): the buffers of the stream beside it come and go.
    assertThat(heldBytes() - held[0]).isLessThan(MAX_GROWTH_BYTES);
  }

  /** The bytes held after so many repetitions, and after all. */
  private static long[] once(Path home, int times, int measureAfter) throws Exception {
    Files.createDirectory(home);
    long[] held = new long[2];
    try (BadInputs inputs = new BadInputs(home);
        RawInputs raw = new RawInputs(home)) {
      List<BadInputs.Case> cases =
          Stream.concat(inputs.quick().values().stream(), raw.cases().values().stream()).toList();
      for (int i = 0; i < times; i++) {
        if (times <= WARM) {
          for (BadInputs.Case one : cases) {
            one.run();
          }
        } else {
          cases.get(i % cases.size()).run();
        }
        if (i + 1 == measureAfter) {
          held[0] = heldBytes();
        }
      }
      inputs.beside().verify();
      held[1] = heldBytes();
    }
    return held;
  }

  private static List<String> carrickThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("carrick-"))
        .toList();
  }

  private static long openDescriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Live objects and direct buffers; the least of a few looks, as a collection takes its time. */
  private static long heldBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      long direct =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum();
      least =
          Math.min(
              least, direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
