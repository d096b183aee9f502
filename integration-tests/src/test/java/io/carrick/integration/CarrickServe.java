package io.carrick.integration;

import java.nio.file.Path;
import java.util.List;

/** The command {@code carrick serve} in a process of its own, listening over gRPC. */
final class CarrickServe implements AutoCloseable {

  private final Program program;
  private final String target;

  CarrickServe() {
    program =
        Program.start(
            Path.of("").toAbsolutePath(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.carrick.cli.Main",
                "serve",
                "--listen",
                "grpc://127.0.0.1:0"));
    target = program.await("listening grpc://").substring("listening grpc://".length());
    program.await("ready");
  }

  /** Where it listens: host and port, as gRPC programs name it. */
  String target() {
    return target;
  }

  /** Where it listens, as the SDK names it. */
  String endpoint() {
    return "grpc://" + target;
  }

  @Override
  public void close() {
    program.close();
  }
}
