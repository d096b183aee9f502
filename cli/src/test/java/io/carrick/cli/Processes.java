package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command in processes of its own; output goes to files, so that no pipe can fill. */
final class Processes {

  private static final long PATIENCE_SECONDS = 60;

  private final Path directory;

  Processes(Path directory) {
    this.directory = directory;
  }

  /** What a process has said and how it ended. */
  record Result(int exitCode, String out, String err) {}

  /** Runs the command to its end. */
  Result run(String... arguments) throws Exception {
    return runWith(new byte[0], arguments);
  }

  /** Runs the command to its end with a standard input. */
  Result runWith(byte[] input, String... arguments) throws Exception {
    return start(input, arguments).end();
  }

  /** The command in a process that was not started yet. */
  ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("CARRICK_CONNECT");
    return builder;
  }

  /** Starts the command. */
  Running start(byte[] input, String... arguments) throws IOException {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException e) {
      // A command that does not read its input may be gone already.
      assertThat(e).hasMessageContaining("pipe");
    }
    return new Running(process, out, err);
  }

  /** A process that runs. */
  record Running(Process process, Path out, Path err) {

    /** Waits until it has said so in a line of its own, on either stream. */
    void awaitLine(String line) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!(said(out).lines().anyMatch(line::equals)
          || said(err).lines().anyMatch(line::equals))) {
        boolean ended = process.waitFor(20, TimeUnit.MILLISECONDS);
        if (ended || System.nanoTime() > deadline) {
          throw new AssertionError("no line \"" + line + "\"; said: " + said(out) + said(err));
        }
      }
    }

    /** Asks it to stop, as SIGTERM does, and waits for its end. */
    Result stop() throws Exception {
      process.destroy();
      return end();
    }

    /** Waits for its end. */
    Result end() throws Exception {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still runs; said: " + said(out) + said(err));
      }
      return new Result(process.exitValue(), said(out), said(err));
    }

    private static String said(Path file) throws IOException {
      return Files.readString(file, StandardCharsets.UTF_8);
    }
  }
}
