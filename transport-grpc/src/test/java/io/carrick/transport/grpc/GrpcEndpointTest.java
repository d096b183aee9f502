package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an endpoint may say, and what connecting and listening tell of it. */
final class GrpcEndpointTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grpc:7400",
        "grpc://host",
        "grpc://host:70000",
        "grpc://host:7400/path",
        "grpc://host:7400?q",
        "grpcs://:7400",
        "grpc+unix:relative",
        "grpc+unix://host/path",
        "grpc+unix:/directory/"
      })
  void anEndpointThatIsNotWellFormedIsRefusedWithItsRemedy(String text) {
    Endpoint endpoint = Endpoint.parse(text);

    assertThatThrownBy(
            () -> new GrpcTransportProvider().capabilities(endpoint, TransportConfig.of("test")))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining(text)
        .hasMessageContaining("write grpc");
    try (Grpc grpc = new Grpc()) {
      assertThat(grpc.connectFailure(text)).isInstanceOf(EndpointException.class);
      assertThat(grpc.listenFailure(text)).isInstanceOf(EndpointException.class);
    }
  }

  @Test
  void aNameOfAHostIsResolved() {
    try (Grpc grpc = new Grpc("grpc://localhost:0")) {
      assertThat(grpc.roundTrip(grpc.connect())).isPositive();
    }
  }

  @Test
  void anAddressOfIpv6Works() {
    try (Grpc grpc = new Grpc("grpc://[::1]:0")) {
      assertThat(grpc.listener.endpoint().toString()).startsWith("grpc://[::1]:");
      assertThat(grpc.roundTrip(grpc.connect())).isPositive();
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    try (Grpc grpc = new Grpc()) {
      assertThat(grpc.connectFailure("grpc://no.such.host.invalid:7400"))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("no.such.host.invalid")
          .hasMessageContaining("check the name and the DNS");
      assertThat(grpc.listenFailure("grpc://no.such.host.invalid:7400"))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("no.such.host.invalid");
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aServerThatNeverAnswersFailsAfterTheTimeOut() throws Exception {
    try (Grpc grpc = new Grpc();
        ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(grpc.connectFailure("grpc://127.0.0.1:" + silent.getLocalPort()))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("no answer within 5000 ms");
    }
  }

  @Test
  void aPortInUseIsToldWithItsRemedy() {
    try (Grpc grpc = new Grpc()) {
      EndpointException failure =
          (EndpointException) grpc.listenFailure(grpc.listener.endpoint().toString());

      assertThat(failure.code()).isEqualTo(StatusCode.ALREADY_EXISTS);
      assertThat(failure).hasMessageContaining("another port");
    }
  }

  @Test
  void aSocketIsOnlyItsOwnersAndItsFilesGo() throws Exception {
    Path path = directory.resolve("g.sock");
    try (Grpc grpc = new Grpc("grpc+unix:" + path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      Connection connection = grpc.connect();
      assertThat(connection.peer().principal().kind()).isEqualTo("unix");
      assertThat(grpc.roundTrip(connection)).isPositive();
      assertThat(grpc.listenFailure("grpc+unix:" + path))
          .isInstanceOf(EndpointException.class)
          .hasMessageContaining("in use");
    }
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void theSocketStaysYoung() throws IOException {
    Path socket = directory.resolve("young/x.sock");
    try (Grpc grpc = new Grpc("grpc+unix:" + socket)) {
      Files.setLastModifiedTime(socket, FileTime.from(Instant.now().minus(Duration.ofDays(11))));

      Await.until("the socket to be young", () -> isYoung(socket));

      assertThat(grpc.connect().peer().sameHost()).isTrue();
    }
    assertThat(socket).doesNotExist();
  }

  private static boolean isYoung(Path file) {
    try {
      Instant changed = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
      return changed.isAfter(Instant.now().minus(Duration.ofHours(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
