package io.carrick.integration;

import io.carrick.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A process of its own that runs a class of the tests; it ends with this process at the latest. */
final class ChildJvm implements AutoCloseable {

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private ChildJvm(Process process, String name) {
    this.process = process;
    this.reader = new Thread(this::read, "output-of-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts {@code main} with options of the JVM and arguments. */
  static ChildJvm start(Class<?> main, List<String> options, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-XX:+UseSerialGC");
    command.add(main.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    try {
      return new ChildJvm(builder.start(), main.getSimpleName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For {@code main}: returns when the parent has ended or closed the child. */
  static void awaitParent() throws IOException {
    while (System.in.read() >= 0) {}
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Waits for a line that it prints. */
  ChildJvm await(String line) {
    Await.until(
        () -> "the line " + line + "; there are " + lines,
        Duration.ofSeconds(20),
        () -> lines.contains(line));
    return this;
  }

  /** Its exit value, when it has ended by itself. */
  int exit(Duration max) throws InterruptedException {
    if (!process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("The process still runs after " + max + "; it printed " + lines);
    }
    reader.join(5_000);
    return process.exitValue();
  }

  /** Sends it a signal, for instance {@code STOP} or {@code CONT}. */
  void signal(String name) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
      if (exit != 0) {
        throw new AssertionError("kill -" + name + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Ends it as SIGKILL does: without a chance to say good-bye. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("The process survives SIGKILL");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        lines.add(line);
      }
    } catch (IOException e) {
      System.getLogger("test").log(System.Logger.Level.DEBUG, "the output ended", e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
