package io.carrick.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SocketLockTest {

  private static final int PROCESSES = 3;
  private static final long NANOS = TimeUnit.SECONDS.toNanos(3);

  @TempDir Path directory;

  @Test
  void oneProcessAtATimeHasTheLock() throws Exception {
    List<Process> all = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        all.add(takeAndGiveUp());
      }
      int taken = 0;
      for (Process process : all) {
        String said = process.inputReader(StandardCharsets.UTF_8).readLine();
        assertThat(said).startsWith("taken ");
        taken += Integer.parseInt(said.substring(6));
      }
      System.out.printf("%d processes had the lock %,d times, one at a time%n", PROCESSES, taken);
      assertThat(taken).isGreaterThan(PROCESSES);
      assertThat(directory).isEmptyDirectory();
    } finally {
      all.forEach(Process::destroyForcibly);
    }
  }

  @Test
  void whatOthersPutInThePlaceStays() throws Exception {
    Path socket = directory.resolve("x.sock");
    Path file = directory.resolve("x.sock.lock");
    SocketLock lock = take(socket);
    Files.delete(file);
    Files.writeString(file, "another");
    assertThat(lock.isInPlace()).isFalse();

    lock.close();

    assertThat(file).hasContent("another");
  }

  private Process takeAndGiveUp() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx32m",
            "-XX:+UseSerialGC",
            SocketLockTest.class.getName(),
            directory.resolve("x.sock").toString());
    builder
        .environment()
        .put(
            "CLASSPATH",
            Path.of(SocketLock.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                + File.pathSeparator
                + Path.of(
                    SocketLockTest.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + File.pathSeparator
                + Path.of(
                    Endpoint.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                + File.pathSeparator
                + System.getProperty("java.class.path", "")
                + File.pathSeparator
                + System.getProperty("jdk.module.path", ""));
    return builder.redirectErrorStream(true).start();
  }

  /** Takes the lock again and again; whoever has it may make the file, nobody else. */
  public static void main(String[] args) throws Exception {
    Path socket = Path.of(args[0]);
    Path mine = socket.resolveSibling("mine");
    int taken = 0;
    for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
      try (SocketLock lock = take(socket)) {
        Files.createFile(mine);
        Files.delete(mine);
        taken++;
      } catch (EndpointException e) {
        Thread.onSpinWait();
      }
    }
    System.out.println("taken " + taken);
  }

  private static SocketLock take(Path socket) throws Exception {
    return SocketLock.take(
        Endpoint.parse("unix:" + socket), socket, Files.getOwner(socket.getParent()));
  }
}
