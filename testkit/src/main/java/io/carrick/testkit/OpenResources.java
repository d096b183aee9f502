package io.carrick.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this process has open at one moment, to be compared with a later one. */
final class OpenResources {

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Duration MAX_WAIT = Duration.ofSeconds(5);

  private final Predicate<Thread> ignored;
  private final Set<Thread> threads;
  private final long descriptors = openDescriptors();

  private OpenResources(Predicate<Thread> ignored) {
    this.ignored = ignored;
    this.threads = liveThreads();
  }

  static OpenResources now() {
    return now(thread -> false);
  }

  /** What is open now, without some threads. */
  static OpenResources now(Predicate<Thread> ignored) {
    return new OpenResources(ignored);
  }

  /** Waits until there is no thread and no more file descriptor than at this moment; 5 s (C15). */
  void awaitReturn() {
    Await.until(this::difference, MAX_WAIT, () -> newThreads().isEmpty());
    Await.until(this::difference, MAX_WAIT, () -> openDescriptors() <= descriptors);
  }

  /** The bytes that live objects and direct buffers take, after a collection. */
  static long heldBytes() {
    System.gc();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private String difference() {
    return "threads left: "
        + newThreads()
        + ", file descriptors: "
        + openDescriptors()
        + " after "
        + descriptors;
  }

  private Set<Thread> newThreads() {
    return liveThreads().stream()
        .filter(Predicate.not(threads::contains))
        .collect(Collectors.toSet());
  }

  private Set<Thread> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> !ofTheJdk(t) && !ignored.test(t))
        .collect(Collectors.toSet());
  }

  private static boolean ofTheJdk(Thread thread) {
    String name = thread.getName();
    return name.startsWith("ForkJoinPool.commonPool")
        || name.startsWith("process reaper")
        || name.equals("Common-Cleaner")
        || name.equals("junit-jupiter-timeout-watcher")
        || name.equals("Attach Listener");
  }

  /** Zero where the system does not tell. */
  private static long openDescriptors() {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0;
    }
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
