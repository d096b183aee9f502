package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command speaks of its options, where the SDK speaks of its methods. */
class FaultsTest {

  @TempDir(factory = ShortDirectory.class)
  Path directory;

  private String endpoint;

  @BeforeEach
  void name() {
    endpoint = "unix:" + directory.resolve("s");
  }

  @Test
  void aListenerWithoutACertificate() {
    assertThat(said("serve", "--listen", "grpcs://127.0.0.1:0"))
        .contains("TLS needs a certificate and its key; give them by --tls-cert and --tls-key");
  }

  @Test
  void aNeedThatWantsAnIdentity() {
    assertThat(said("request", "-c", "grpc://127.0.0.1:1", "--security", "mutual", "a"))
        .contains("give this side an identity by --tls-cert and --tls-key");
  }

  @Test
  void aMessageThatIsTooLargeOnEitherSide() {
    try (Messenger service =
        Messenger.builder("small").maxMessageBytes(2_048).listen(endpoint).build()) {
      String body = "x".repeat(4_096);

      assertThat(said("send", "-c", endpoint, "--max-message-bytes", "3000", "a", body))
          .contains("exceeds the 3000 that carrick-cli sends: raise --max-message-bytes,");
      assertThat(said("send", "-c", endpoint, "a", body))
          .contains(
              "exceeds the 2048 that small takes: raise maxMessageBytes of small (where that is"
                  + " carrick serve, --max-message-bytes), or");
    }
  }

  @Test
  void aTopicThatNobodyHandles() {
    try (Messenger service = Messenger.builder("tested").listen(endpoint).build()) {
      assertThat(said("request", "-c", endpoint, "nobody/home"))
          .contains("topic nobody/home; 'carrick list' shows what it has");

      service.handle("some/topic", String.class, (String text) -> text);
      assertThat(said("stream", "-c", endpoint, "some/topic"))
          .contains("but one for [REQUEST]; 'carrick list' shows what it has");
    }
  }

  @Test
  void aTokenThatIsDemanded() {
    try (Messenger service =
        Messenger.builder("tested")
            .tokens(
                token -> {
                  throw new IllegalStateException("never asked");
                })
            .listen(endpoint)
            .build()) {
      assertThat(said("request", "-c", endpoint, "a"))
          .contains("tested demands a token: show one by --token-file");
    }
  }

  /** What the command says in its one line, which names no method. */
  private static String said(String... arguments) {
    Captured captured = Captured.plain();
    assertThat(captured.run(arguments)).isNotZero();
    assertThat(captured.errorLines()).hasSize(1);
    assertThat(captured.err()).doesNotContainPattern("[a-z]\\((…|TlsConfig)?\\)");
    return captured.err();
  }
}
