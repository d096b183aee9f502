package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.EndpointException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.util.List;
import org.assertj.core.api.Assertions;

/** What the tests of the pages of docs/transports have in common. */
final class TransportPage {

  private TransportPage() {}

  static Messenger listen(String endpoint) {
    Messenger server = TestTls.messenger("server").listen(endpoint).build();
    server.handle("who", String.class, (String text, Call call) -> call.principal().toString());
    return server;
  }

  /** Whom the handler sees, over a path of this level. */
  static String who(Messenger client, String endpoint, SecurityLevel level) {
    Remote remote = client.connect(endpoint).with(Requirements.security(level));
    return Await.result(remote.request("who", "", String.class));
  }

  /** A messenger that cannot listen there. */
  static void notToListen(String endpoint, StatusCode code, String... words) {
    EndpointException failure =
        Assertions.catchThrowableOfType(
            EndpointException.class, () -> Messenger.builder("server").listen(endpoint).build());
    assertThat(failure).as("what listening at %s throws", endpoint).isNotNull();
    assertThat(failure.code()).as(endpoint).isEqualTo(code);
    assertThat(List.of(words)).allSatisfy(word -> assertThat(failure).hasMessageContaining(word));
  }

  /** One that cannot be asked to connect there. */
  static void notToConnect(Messenger client, String endpoint, StatusCode code, String... words) {
    EndpointException failure =
        Assertions.catchThrowableOfType(EndpointException.class, () -> client.connect(endpoint));
    assertThat(failure).as("what connecting to %s throws", endpoint).isNotNull();
    assertThat(failure.code()).as(endpoint).isEqualTo(code);
    assertThat(List.of(words)).allSatisfy(word -> assertThat(failure).hasMessageContaining(word));
  }
}
