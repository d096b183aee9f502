package io.carrick.integration;

import io.carrick.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Any program in a process of its own, with its two outputs apart. */
final class Program implements AutoCloseable {

  /** Beside other programs, on a small machine, an interpreter takes its time to start. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Output out = new Output();
  private final Output err = new Output();
  private final List<Thread> readers;

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    this.readers =
        List.of(reader(process.getInputStream(), out), reader(process.getErrorStream(), err));
  }

  /** What it printed, and how it ended. */
  record Result(int exit, List<String> out, List<String> err) {

    /** That of a program which did all that it was told. */
    static Result done(String... lines) {
      return new Result(0, List.of(lines), List.of());
    }
  }

  static Program start(Path directory, List<String> command) {
    return start(directory, command, Map.of());
  }

  /** The same with more environment. */
  static Program start(Path directory, List<String> command, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().putAll(environment);
      return new Program(
          String.join(" ", command.subList(0, Math.min(3, command.size()))), builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a line that begins so. */
  String await(String beginning) {
    Await.until(
        () -> name + " prints " + beginning + "; there are " + out + " and " + err,
        PATIENCE,
        () -> out.find(beginning) != null || !process.isAlive());
    String line = out.find(beginning);
    if (line == null) {
      throw new AssertionError(name + " ended without " + beginning + ": " + end());
    }
    return line;
  }

  /** Whether it has printed a line that begins so. */
  boolean printed(String beginning) {
    return out.find(beginning) != null;
  }

  /** What it has printed so far. */
  List<String> lines() {
    return out.lines();
  }

  /** Waits for its end. */
  Result end() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(name + " still runs; it printed " + out + " and " + err);
      }
      for (Thread reader : readers) {
        reader.join(PATIENCE.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    return new Result(process.exitValue(), out.lines(), err.lines());
  }

  /** Asks it to end, as SIGTERM does. */
  Program terminate() {
    process.destroy();
    return this;
  }

  /** Ends it as SIGKILL does: without a chance to say good-bye. */
  Result kill() {
    process.destroyForcibly();
    return end();
  }

  private Thread reader(InputStream stream, Output lines) {
    Thread thread = new Thread(() -> read(stream, lines), "output-of-" + name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void read(InputStream stream, Output lines) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        lines.add(line);
      }
    } catch (IOException e) {
      System.getLogger("test").log(System.Logger.Level.DEBUG, "the output ended", e);
    }
  }

  private static final class Output {

    private final List<String> lines = new ArrayList<>();

    synchronized void add(String line) {
      lines.add(line);
    }

    synchronized @Nullable String find(String beginning) {
      return lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElse(null);
    }

    synchronized List<String> lines() {
      return List.copyOf(lines);
    }

    @Override
    public String toString() {
      return lines().toString();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
