package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a failure advises helps, and to try again is advised only where it could. */
class RemediesTest {

  /** Longer than a string in JSON may be, and shorter than a message. */
  private static final int TOO_LONG_FOR_JSON = 1_048_577;

  record Named(String name) {}

  static Stream<String> endpoints() throws IOException {
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "carrick");
    directory.toFile().deleteOnExit();
    return Stream.of("memory:remedies", "unix:" + directory.resolve("s"), "grpc://127.0.0.1:0");
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aMessageThatIsTooLargeStaysSo(String endpoint) {
    try (Messenger service =
            Messenger.builder("small").maxMessageBytes(1 << 16).listen(endpoint).build();
        Messenger client = Messenger.builder("large").maxMessageBytes(1 << 20).build()) {
      Remote remote = client.connect(service.endpoints().get(0));

      for (int size : new int[] {(1 << 16) + 1, (1 << 20) + 1}) {
        MessagingException failure = failure(remote.send("a", new byte[size]));

        assertThat(failure).isInstanceOf(OverloadedException.class);
        assertThat(failure.delivered()).isEqualTo(Delivered.NO);
        assertThat(failure.retrySafe()).isFalse();
        assertThat(failure)
            .hasMessageContaining(
                size > 1 << 20
                    ? "that large sends: raise maxMessageBytes of large"
                    : "that small takes: raise maxMessageBytes of small");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aReplyThatIsTooLargeSaysWhoseLimitItIs(String endpoint) {
    try (Messenger service =
            Messenger.builder("small").maxMessageBytes(1 << 16).listen(endpoint).build();
        Messenger client = Messenger.builder("large").maxMessageBytes(1 << 20).build()) {
      service.handle("a", String.class, (String size) -> new byte[Integer.parseInt(size)]);
      Remote remote = client.connect(service.endpoints().get(0));

      MessagingException failure = failure(remote.request("a", "70000", byte[].class));

      assertThat(failure.code()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
      assertThat(failure.retrySafe()).isFalse();
      assertThat(failure).hasMessageContaining("that small sends: raise maxMessageBytes of small");
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void whatPassesALimitOfTheCodecAtTheOtherSideStaysSo(String endpoint) {
    try (Messenger service = Messenger.builder("s").listen(endpoint).build();
        Messenger client = Messenger.builder("c").build()) {
      service.handle("a", Named.class, (Named named) -> named);
      service.handleSend("a", Named.class, named -> {});
      Remote remote = client.connect(service.endpoints().get(0));
      Named named = new Named("x".repeat(TOO_LONG_FOR_JSON));

      for (CompletableFuture<?> call :
          new CompletableFuture<?>[] {
            remote.request("a", named, Named.class), remote.send("a", named)
          }) {
        MessagingException failure = failure(call);
        assertThat(failure.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
        assertThat(failure.delivered()).isEqualTo(Delivered.NO);
        assertThat(failure.retrySafe()).isFalse();
        assertThat(failure).hasMessageContaining("passes a limit");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aTopicThatNobodyHandlesIsNotTriedAgain(String endpoint) {
    try (Messenger service = Messenger.builder("s").listen(endpoint).build();
        Messenger client = Messenger.builder("c").build()) {
      Remote remote = client.connect(service.endpoints().get(0));

      MessagingException failure = failure(remote.request("ordres/find", "x", String.class));

      assertThat(failure).isInstanceOf(CallException.class);
      assertThat(failure.code()).isEqualTo(StatusCode.UNIMPLEMENTED);
      assertThat(failure.retrySafe()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void aRemoteThatWasClosedStaysSo(String endpoint) {
    try (Messenger service = Messenger.builder("s").listen(endpoint).build();
        Messenger client = Messenger.builder("c").build()) {
      Remote remote = client.connect(service.endpoints().get(0));
      remote.connect().join();
      remote.close();

      MessagingException failure = failure(remote.send("a", "x"));

      assertThat(failure).isInstanceOf(SessionLostException.class);
      assertThat(failure.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
      assertThat(failure.retrySafe()).isFalse();
      assertThat(failure).hasMessageContaining("is closed: connect again");
    }
  }

  @Test
  void anAddressThatIsNotOursIsNotInUse() {
    // TEST-NET-1 (RFC 5737) belongs to no host.
    EndpointException failure = cannotListen("grpc://192.0.2.1:0");

    assertThat(failure.code()).isEqualTo(StatusCode.FAILED_PRECONDITION);
    assertThat(failure)
        .hasMessageContaining("the address must be one of this host's")
        .hasMessageNotContaining("stop what listens there");
  }

  @Test
  void anAddressInUseIs() {
    try (Messenger first = Messenger.builder("first").listen("grpc://127.0.0.1:0").build()) {
      EndpointException failure = cannotListen(first.endpoints().get(0));

      assertThat(failure.code()).isEqualTo(StatusCode.ALREADY_EXISTS);
      assertThat(failure).hasMessageContaining("stop what listens there, or choose another port");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://h:1", "tls://h:1"})
  void aTransportThatDoesNotExistIsNotAdvised(String endpoint) {
    EndpointException failure = cannotListen(endpoint);

    assertThat(failure.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
    assertThat(failure)
        .hasMessageContaining("Carrick has no such transport yet; between machines use grpc://")
        .hasMessageNotContaining("add io.carrick");
  }

  @Test
  void textThatIsCutEndsInPlainDots() {
    try (Messenger service = Messenger.builder("s").listen("memory:cut").build();
        Messenger client = Messenger.builder("c").build()) {
      String topic = "a".repeat(200) + "//b";

      Throwable failure =
          catchThrowableOfType(
              IllegalArgumentException.class, () -> client.connect("memory:cut").send(topic, "x"));

      assertThat(failure).hasMessageContaining("aaa...").hasMessageNotContaining("2026");
    }
  }

  private static EndpointException cannotListen(String endpoint) {
    return catchThrowableOfType(
        EndpointException.class, () -> Messenger.builder("x").listen(endpoint).build().close());
  }

  private static MessagingException failure(CompletableFuture<?> call) {
    CompletionException thrown = catchThrowableOfType(CompletionException.class, call::join);
    return (MessagingException) thrown.getCause();
  }
}
