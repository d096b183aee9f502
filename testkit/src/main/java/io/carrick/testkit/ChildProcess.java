package io.carrick.testkit;

import io.carrick.TlsConfig;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that connects to an endpoint, says one frame and waits to be killed. It is started with
 * the class path or module path of this one.
 */
public final class ChildProcess {

  private ChildProcess() {}

  /** Starts the process; the caller ends it. */
  static Process start(TransportProvider provider, TlsConfig tls, Endpoint endpoint)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                ChildProcess.class.getName(),
                provider.getClass().getName(),
                endpoint.toString()));
    command.addAll(filesOf(tls));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", classPath(provider));
    return builder.inheritIO().redirectInput(ProcessBuilder.Redirect.PIPE).start();
  }

  /**
   * Connects to the endpoint {@code args[1]} with the provider {@code args[0]}; the PEM files of
   * its certificate, its key and its authorities may follow.
   */
  public static void main(String[] args) throws Exception {
    TransportProvider provider =
        Class.forName(args[0])
            .asSubclass(TransportProvider.class)
            .getDeclaredConstructor()
            .newInstance();
    Transport transport =
        provider.create(
            TransportConfig.of("child").withConnectTimeout(Await.LONG_ENOUGH).withTls(tls(args)));
    Connection connection = Await.result(transport.connect(Endpoint.parse(args[1])));
    connection.receive(new RecordingReceiver());
    connection.send(ByteBuffer.wrap(new byte[] {1}));
    connection.flush();
    // Its standard input ends with the parent, so that no child outlives a test.
    while (System.in.read() >= 0) {}
    transport.close();
  }

  private static List<String> filesOf(TlsConfig tls) {
    TlsConfig.Source identity = tls.identity();
    TlsConfig.Source trust = tls.trust();
    if (identity == null || identity.key() == null || trust == null) {
      return List.of();
    }
    return List.of(identity.file().toString(), identity.key().toString(), trust.file().toString());
  }

  private static TlsConfig tls(String[] args) {
    return args.length < 5
        ? TlsConfig.SYSTEM
        : TlsConfig.builder()
            .identity(Path.of(args[2]), Path.of(args[3]))
            .trust(Path.of(args[4]))
            .build();
  }

  private static String classPath(TransportProvider provider) {
    List<String> entries = new ArrayList<>();
    for (Class<?> type : List.of(provider.getClass(), Endpoint.class, ChildProcess.class)) {
      entries.add(Path.of(location(type)).toString());
    }
    entries.add(System.getProperty("java.class.path", ""));
    entries.add(System.getProperty("jdk.module.path", ""));
    return String.join(File.pathSeparator, entries);
  }

  private static java.net.URI location(Class<?> type) {
    return java.net.URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString());
  }
}
