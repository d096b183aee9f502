package io.carrick.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a client the TCP port of a server, in the file where others have their socket. */
final class PortFile {

  private PortFile() {}

  static void write(Path file, int port) throws IOException {
    Files.writeString(file, Integer.toString(port));
  }

  static int read(Path file) throws IOException {
    return Integer.parseInt(Files.readString(file));
  }
}
