package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.ProtocolException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Ack;
import io.carrick.wire.v1.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/errors.md on what only one transport shows: broken peers, and tokens in clear. */
@Timeout(60)
class ErrorsPageProtocolTest {

  @TempDir Path directory;

  @Test
  void protocolExceptionThePeerBrokeTheRulesOfTheWire() {
    try (Messenger server =
            Messenger.builder("server").listen("unix:" + directory.resolve("s")).build();
        RawPeer raw = RawPeer.client(server.endpoints().get(0))) {
      Await.until("it came", () -> !server.peers().isEmpty());
      CompletableFuture<String> call = server.peers().get(0).request("topic", "x", String.class);
      assertThat(raw.next().hasOpen()).isTrue();

      raw.send(Frame.newBuilder().setAck(Ack.newBuilder().setCum(99)).build());

      ProtocolException failure = Failures.in(call, ProtocolException.class);
      Failures.check(failure, StatusCode.INTERNAL, Delivered.MAYBE, "raw broke the protocol", "99");
      assertThat(failure.retrySafe()).isFalse();
      ErrorsPage.has(failure);
    }
  }

  @Test
  void connectExceptionATokenWhereOthersCanReadIt() {
    TokenNodes nodes = new TokenNodes();
    try (Messenger server =
            Messenger.builder("server")
                .tokens(nodes.verifier)
                .listen("grpc://127.0.0.1:0")
                .build();
        Messenger client =
            Messenger.builder("client")
                .token(() -> TokenNodes.token("alice", Duration.ofHours(1)))
                .build()) {
      ConnectException failure =
          Failures.in(
              client.connect(server.endpoints().get(0)).send("topic", "x"), ConnectException.class);

      Failures.check(failure, StatusCode.FAILED_PRECONDITION, Delivered.NO);
      assertThat(failure.retrySafe()).isFalse();
      ErrorsPage.has(failure);
      assertThat(nodes.verified).isEmpty();
    }
  }
}
