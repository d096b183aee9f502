package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever uses up the descriptors of a service before its first session does so for a while. */
@Timeout(120)
final class DescriptorsTest {

  private static final int LIMIT = 260;
  private static final int EACH = 300;

  @TempDir Path directory;

  @Test
  void t10_aServiceAcceptsAgainWhenDescriptorsAreFree() throws Exception {
    String socket = directory.resolve("s").toString();
    try (Program server = start("grpc://127.0.0.1:0", "unix:" + socket)) {
      String grpc = server.await("listening grpc://").substring("listening ".length());
      server.await("ready");
      List<SocketChannel> flood = new ArrayList<>();
      try {
        int port = URI.create(grpc).getPort();
        for (int i = 0; i < EACH; i++) {
          connect(flood, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          connect(flood, UnixDomainSocketAddress.of(socket));
        }
        server.await("WARNING: Cannot accept on grpc:");
        server.await("WARNING: Cannot accept on unix:");
      } finally {
        for (SocketChannel each : flood) {
          each.close();
        }
      }
      for (String endpoint : List.of("unix:" + socket, grpc)) {
        try (Messenger client = Messenger.builder("web").build()) {
          assertThat(client.connect(endpoint).request("echo", "x", String.class).get(20, SECONDS))
              .isEqualTo("x");
        }
      }
      server.await("WARNING: unix:" + socket + " accepts connections again");
      server.await("WARNING: grpc://127.0.0.1:0 accepts connections again");
      List<String> said = server.terminate().end().out();
      assertThat(said).filteredOn(line -> line.contains("Cannot accept")).hasSize(2);
      assertThat(said).filteredOn(line -> line.contains("accepts connections")).hasSize(2);
    }
  }

  private static void connect(List<SocketChannel> open, SocketAddress address) throws IOException {
    SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    open.add(channel);
    channel.configureBlocking(false);
    try {
      channel.connect(address);
    } catch (IOException full) {
      assertThat(full).hasMessageNotContaining("refused");
    }
  }

  /** As it is installed, with jars: a class in a directory needs a descriptor to be loaded. */
  private Program start(String... endpoints) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "ulimit -n " + LIMIT + " && exec \"$@\" 2>&1",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                jars(),
                ManyConnectionsServer.class.getName()));
    command.addAll(List.of(endpoints));
    return Program.start(directory, command);
  }

  private String jars() throws IOException {
    List<String> all = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      all.add(Files.isDirectory(path) ? jar(path, all.size()).toString() : entry);
    }
    return all.stream().collect(Collectors.joining(File.pathSeparator));
  }

  private Path jar(Path folder, int number) throws IOException {
    Path made = directory.resolve(number + ".jar");
    try (OutputStream file = Files.newOutputStream(made);
        JarOutputStream jar = new JarOutputStream(file);
        Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new ZipEntry(folder.relativize(each).toString()));
        Files.copy(each, jar);
      }
    }
    return made;
  }
}
