package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/kubernetes.md: runs each container of its manifests with its own arguments, and attacks what
 * listens there. Only what the cluster gives is put in place: mounts, addresses, and ports that are
 * free here. How the manifests fit together is in KubernetesManifestsTest, shared sockets in
 * ContainersTest and UpgradeTest, advertised addresses in SelectionPageTest, instances that are
 * gone in ReplacedServiceTest and GoneServiceTest, rolling updates in RollingRestartTest and
 * GrpcDrainTest, certificates that change in GrpcsReloadTest.
 */
@Timeout(120)
final class KubernetesPageTest {

  private static final Path DIRECTORY = Path.of("..", "docs", "kubernetes");
  private static final Pattern ARGUMENTS = Pattern.compile("args:\n((?: +(?:- |#).*\n)+)");
  private static final Pattern ARGUMENT = Pattern.compile("^ +- (.*)$", Pattern.MULTILINE);

  @TempDir Path directory;

  /** The arguments of each container, in order. */
  private static List<List<String>> containers(String manifest) throws IOException {
    return ARGUMENTS
        .matcher(Files.readString(DIRECTORY.resolve(manifest)))
        .results()
        .map(container -> ARGUMENT.matcher(container.group(1)).results())
        .map(all -> all.map(m -> m.group(1)).toList())
        .toList();
  }

  private Program start(List<String> arguments) {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.carrick.cli.Main"),
                arguments.stream())
            .toList();
    return Program.start(directory, command, Map.of("XDG_RUNTIME_DIR", directory.toString()));
  }

  private static String listening(Program program, String scheme) {
    return program.await("listening " + scheme).substring("listening ".length());
  }

  @Test
  void ordersLetsNobodyInWithoutACertificate() throws IOException {
    List<String> arguments =
        containers("orders.yaml").get(0).stream().map(this::inPlaceOfTheCluster).toList();
    certificates();
    try (Program orders = start(arguments)) {
      String secure = listening(orders, "grpcs://");
      String plain = listening(orders, "grpc://");
      orders.await("ready");

      isRefused(plain, Optional.empty());
      isRefused(secure, Optional.of(trusting().build()));
      isRefused(secure, Optional.of(trusting().identity(file("mallory"), key("mallory")).build()));
      isServed(secure, trusting().identity(file("web"), key("web")).build());
      plainCallsAreRefusedAndHealthAnswers(plain);
    }
  }

  private String inPlaceOfTheCluster(String argument) {
    return argument
        .replace("/etc/carrick-tls", directory.toString())
        .replace("$(POD_IP)", "127.0.0.1")
        .replaceAll("(listen=.*//)[^:]+:\\d+", "$1127.0.0.1:0");
  }

  /** As cert-manager writes them, and beside it those of clients: of the same authority, or not. */
  private void certificates() throws IOException {
    CertificateAuthority authority = CertificateAuthority.create("cluster");
    authority.own().write(directory, "ca");
    issue(authority, "tls");
    issue(authority, "web");
    issue(CertificateAuthority.create("another"), "mallory");
    Files.copy(file("ca"), directory.resolve("ca.crt"));
    Files.copy(file("tls"), directory.resolve("tls.crt"));
    Files.copy(key("tls"), directory.resolve("tls.key"));
  }

  private void issue(CertificateAuthority authority, String name) throws IOException {
    authority
        .issue(CertificateOrder.of(name, List.of("localhost", "127.0.0.1"), Duration.ofDays(1)))
        .write(directory, name);
  }

  private Path file(String name) {
    return directory.resolve(name + ".pem");
  }

  private Path key(String name) {
    return directory.resolve(name + "-key.pem");
  }

  private TlsConfig.Builder trusting() {
    return TlsConfig.builder().trust(file("ca"));
  }

  private static void isRefused(String endpoint, Optional<TlsConfig> tls) {
    Messenger.Builder builder = Messenger.builder("mallory");
    tls.ifPresent(builder::tls);
    try (Messenger mallory = builder.build()) {
      Remote orders = mallory.connect(endpoint);
      assertThatThrownBy(() -> Await.result(orders.request("carrick/echo", "x", String.class)))
          .cause()
          .isInstanceOf(MessagingException.class);
      assertThat(orders.service()).isEmpty();
    }
  }

  private static void isServed(String endpoint, TlsConfig tls) {
    try (Messenger web = Messenger.builder("web").tls(tls).build()) {
      assertThat(Await.result(web.connect(endpoint).request("carrick/echo", "x", String.class)))
          .isEqualTo("x");
    }
  }

  private static void plainCallsAreRefusedAndHealthAnswers(String endpoint) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(endpoint.replace("grpc://", "dns:///"))
            .usePlaintext()
            .build();
    try {
      assertThatThrownBy(
              () ->
                  CarrickGrpc.newBlockingStub(channel).request(PlainGrpc.call("carrick/echo", "x")))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
      HealthCheckRequest probe =
          HealthCheckRequest.newBuilder().setService("carrick.v1.Carrick").build();
      assertThat(HealthGrpc.newBlockingStub(channel).check(probe).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void theSidecarHearsWhatThePodPublishes() throws IOException {
    List<List<String>> pod = containers("sidecar.yaml");
    try (Program orders =
        start(
            pod.get(0).stream()
                .map(a -> a.replace("/sockets", directory.toString()).replace(":7400", ":0"))
                .toList())) {
      String port = listening(orders, "grpc://").replaceAll(".*:", ":");
      String socket = listening(orders, "unix:");
      orders.await("ready");
      List<String> follows = pod.get(1).stream().map(a -> a.replace(":7400", port)).toList();
      try (Program audit = start(follows);
          Messenger publisher = Messenger.builder("publisher").build()) {
        Remote remote = publisher.connect(socket);
        Await.until(
            () -> "the sidecar hears what is published",
            Duration.ofSeconds(30),
            () -> {
              Await.result(remote.publish("orders/new", "one"));
              return audit.printed("one");
            });
      }
    }
  }
}
