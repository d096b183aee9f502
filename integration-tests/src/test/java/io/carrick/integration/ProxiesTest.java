package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.PathEvent.What;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sessions over {@code http://} and {@code ws://} through the proxies that docs/transports/http2.md
 * and docs/transports/websocket.md name.
 */
@Tag("side-by-side")
@Timeout(60)
final class ProxiesTest {

  /** What the proxies wait for at most. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  enum Proxy {
    HAPROXY(
        """
        defaults
          mode http
          timeout connect 2s
          timeout client 5s
          timeout server 5s
        frontend front
          bind 127.0.0.1:%1$d proto h2
          default_backend back
        backend back
          server service 127.0.0.1:%2$d proto h2
        """) {
      @Override
      List<String> command(Path file) {
        return List.of("haproxy", "-db", "-f", file.toString());
      }
    },
    NGINX(
        """
        worker_processes 1;
        daemon off;
        pid %3$s/pid;
        error_log %3$s/errors;
        events { worker_connections 64; }
        http {
          access_log off;
          client_body_temp_path %3$s/body;
          proxy_temp_path %3$s/proxy;
          fastcgi_temp_path %3$s/fastcgi;
          uwsgi_temp_path %3$s/uwsgi;
          scgi_temp_path %3$s/scgi;
          server {
            listen 127.0.0.1:%1$d http2;
            location / {
              grpc_pass grpc://127.0.0.1:%2$d;
              grpc_read_timeout 5s;
              grpc_send_timeout 5s;
              client_body_timeout 5s;
              client_max_body_size 0;
            }
          }
        }
        """) {
      @Override
      List<String> command(Path file) {
        return List.of("nginx", "-e", file + ".log", "-c", file.toString());
      }
    },
    HAPROXY_WS(
        """
        defaults
          mode http
          timeout connect 2s
          timeout client 5s
          timeout server 5s
          timeout tunnel 5s
        frontend front
          bind 127.0.0.1:%1$d
          default_backend back
        backend back
          server service 127.0.0.1:%2$d
        """) {
      @Override
      List<String> command(Path file) {
        return HAPROXY.command(file);
      }
    },
    NGINX_WS(
        """
        worker_processes 1;
        daemon off;
        pid %3$s/pid;
        error_log %3$s/errors;
        events { worker_connections 64; }
        http {
          access_log off;
          client_body_temp_path %3$s/body;
          proxy_temp_path %3$s/proxy;
          fastcgi_temp_path %3$s/fastcgi;
          uwsgi_temp_path %3$s/uwsgi;
          scgi_temp_path %3$s/scgi;
          server {
            listen 127.0.0.1:%1$d;
            location / {
              proxy_pass http://127.0.0.1:%2$d;
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection upgrade;
              proxy_read_timeout 5s;
              proxy_send_timeout 5s;
            }
          }
        }
        """) {
      @Override
      List<String> command(Path file) {
        return NGINX.command(file);
      }
    };

    private final String configuration;

    Proxy(String configuration) {
      this.configuration = configuration;
    }

    abstract List<String> command(Path file);

    String program() {
      return name().replace("_WS", "").toLowerCase(java.util.Locale.ROOT);
    }

    String scheme() {
      return name().endsWith("_WS") ? "ws" : "http";
    }

    boolean isInstalled() {
      return Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin"})
          .flatMap(Stream::of)
          .anyMatch(bin -> Files.isExecutable(Path.of(bin, program())));
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void aStreamThatAProxyEndsAfterItsIdleTimeIsResumed(Proxy proxy) throws Exception {
    Prerequisite.PROXIES.check(proxy.isInstalled(), "install the package " + proxy.program());
    try (Messenger service = listening(proxy);
        Running running = new Running(proxy, directory, service);
        Messenger client = Messenger.builder("client").build()) {
      service.handle("echo", String.class, text -> text);
      Remote remote = client.connect(running.endpoint());
      Queue<What> events = new ConcurrentLinkedQueue<>();
      remote.onPathEvent(event -> events.add(event.what()));
      assertThat(Await.result(remote.request("echo", "first", String.class))).isEqualTo("first");
      String instance = remote.instance().orElseThrow();

      Await.until(
          () -> "the proxy ends the call within " + IDLE + ": " + remote.explain(),
          PATIENCE,
          () -> events.contains(What.RESUMED));

      assertThat(Await.result(remote.request("echo", "again", String.class))).isEqualTo("again");
      assertThat(remote.instance()).contains(instance);
      assertThat(events).contains(What.SUSPENDED).doesNotContain(What.LOST);
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void largeMessagesAndStreamsPassInOrderWhileItRuns(Proxy proxy) throws Exception {
    Prerequisite.PROXIES.check(proxy.isInstalled(), "install the package " + proxy.program());
    try (Messenger service = listening(proxy);
        Running running = new Running(proxy, directory, service);
        Messenger client = Messenger.builder("client").build()) {
      service.handle("echo", byte[].class, bytes -> bytes);
      service.handleStream("count", Long.class, Source::numbers);
      Remote remote = client.connect(running.endpoint());

      byte[] large = new byte[3 << 20];
      new java.util.Random(1).nextBytes(large);
      assertThat(Await.result(remote.request("echo", large, byte[].class))).isEqualTo(large);
      assertThat(Items.of(remote.stream("count", 10_000L, Long.class)).complete())
          .isEqualTo(LongStream.range(0, 10_000).boxed().toList());
    }
  }

  private static Messenger listening(Proxy proxy) {
    return Messenger.builder("service").listen(proxy.scheme() + "://127.0.0.1:0").build();
  }

  /** A proxy before a service. */
  private static final class Running implements AutoCloseable {

    private final String scheme;
    private final int port;
    private final Process process;

    Running(Proxy proxy, Path directory, Messenger service) throws IOException {
      scheme = proxy.scheme();
      port = freePort();
      int behind = URI.create(service.endpoints().get(0)).getPort();
      Path file = directory.resolve(proxy.program() + ".conf");
      Files.writeString(file, proxy.configuration.formatted(port, behind, directory));
      ProcessBuilder builder = new ProcessBuilder(proxy.command(file));
      builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
      process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve(proxy.program() + ".out").toFile())
              .start();
      Await.until(
          () -> proxy + " listens; alive: " + process.isAlive() + "; " + said(directory, proxy),
          PATIENCE,
          this::listens);
    }

    String endpoint() {
      return scheme + "://127.0.0.1:" + port;
    }

    private boolean listens() {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        return socket.isConnected();
      } catch (IOException e) {
        return false;
      }
    }

    private static String said(Path directory, Proxy proxy) {
      try {
        return Files.readString(directory.resolve(proxy.program() + ".out"));
      } catch (IOException e) {
        return e.toString();
      }
    }

    private static int freePort() throws IOException {
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      }
    }

    @Override
    public void close() throws Exception {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
