package io.carrick.transport.unix;

import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another process that listens until its standard input ends, and says how that began. */
final class ListeningProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private ListeningProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts it under a command that ends in {@code "$@"} or the like, for instance with a umask. */
  static ListeningProcess start(Path socket, String... wrapper) throws IOException {
    List<String> command =
        Stream.concat(
                Arrays.stream(wrapper),
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx32m",
                    "-XX:+UseSerialGC",
                    ListeningProcess.class.getName(),
                    socket.toString()))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", classPath());
    return new ListeningProcess(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** {@code listening}, or why it does not. */
  String outcome() throws IOException {
    return String.valueOf(output.readLine());
  }

  /** Ends it without giving it a chance to tidy up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws Exception {
    process.getOutputStream().close();
    if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
      kill();
    }
  }

  public static void main(String[] args) throws Exception {
    try (Transport transport =
        new UnixTransportProvider().create(TransportConfig.of("listening"))) {
      Await.result(
          transport.listen(
              Endpoint.parse("unix:" + args[0]),
              ListenContext.of(
                  connection -> connection.receive(new RecordingReceiver()), new NoCalls())));
      System.out.println("listening");
      while (System.in.read() >= 0) {}
    } catch (AssertionError e) {
      System.out.println(e.getCause().getMessage());
    }
  }

  private static String classPath() {
    return Stream.concat(
            Stream.of(
                    UnixTransportProvider.class,
                    ListeningProcess.class,
                    Endpoint.class,
                    Await.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation().toString())
                .map(location -> Path.of(URI.create(location)).toString()),
            Stream.of(
                System.getProperty("java.class.path", ""),
                System.getProperty("jdk.module.path", "")))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
