package io.carrick.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server of one peer in a JVM of its own, with the options of this one. */
final class ServerProcess implements AutoCloseable {

  static final String READY = "ready";

  private static final int STOP_SECONDS = 10;

  private final Process process;
  private final Path directory;

  private ServerProcess(Process process, Path directory) {
    this.process = process;
    this.directory = directory;
  }

  /** Starts it and waits until it listens. */
  static ServerProcess start(Peer peer) throws IOException {
    // Short, since the path of a socket has about 100 bytes at most.
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "cb");
    ServerProcess server =
        new ServerProcess(
            new ProcessBuilder(command(peer, directory.resolve("s")))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start(),
            directory);
    BufferedReader output =
        new BufferedReader(
            new InputStreamReader(server.process.getInputStream(), StandardCharsets.UTF_8));
    // Options of the JVM may print lines of their own.
    for (String line = ""; !line.equals(READY); line = output.readLine()) {
      if (line == null) {
        server.close();
        throw new IOException("the server of " + peer.label() + " did not start; see its error");
      }
    }
    return server;
  }

  private static List<String> command(Peer peer, Path socket) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Benchmark.class.getName(), "serve", peer.label(), socket.toString()));
    return command;
  }

  Path socket() {
    return directory.resolve("s");
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** The server ends with its input. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(socket());
    Files.deleteIfExists(directory);
  }
}
