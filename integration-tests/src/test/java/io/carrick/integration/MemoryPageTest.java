package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.Messenger;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * docs/transports/memory.md, in its order. Capabilities, and how much is under way before send says
 * false, are in MemoryTransportContractTest, frames that were not flushed in MemoryTransportTest.
 */
@Timeout(60)
final class MemoryPageTest {

  private final String name = UUID.randomUUID().toString();
  private final Messenger client = Messenger.builder("client").build();

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void aNameHas1To255OfItsCharacters() {
    String longest = name + "A.b_c~d-0" + "x".repeat(255 - name.length() - 9);
    for (String wrong : new String[] {"", "a/b", "a%20b", longest + "x"}) {
      TransportPage.notToListen("memory:" + wrong, StatusCode.INVALID_ARGUMENT);
      TransportPage.notToConnect(client, "memory:" + wrong, StatusCode.INVALID_ARGUMENT);
    }
    try (Messenger server = TransportPage.listen("memory:" + longest)) {
      assertThat(server.endpoints()).containsExactly("memory:" + longest);
      TransportPage.who(client, "memory:" + longest, SecurityLevel.NONE);
    }
  }

  @Test
  void aNameIsKnownToTheProcessAndFreeAgainWhenItsListenerCloses() {
    try (Messenger server = TransportPage.listen("memory:" + name)) {
      TransportPage.notToListen("memory:" + name, StatusCode.ALREADY_EXISTS, name);
      assertThat(server.endpoints()).hasSize(1);
    }

    TransportPage.listen("memory:" + name).close();
  }

  @Test
  void eachSideSeesTheOtherAsMemoryLocalAtLevelMutual() {
    try (Messenger server = TransportPage.listen("memory:" + name)) {
      assertThat(TransportPage.who(client, server.endpoints().get(0), SecurityLevel.MUTUAL))
          .isEqualTo("memory:local");
    }
  }

  @Test
  void itsThreadEndsAfter1sWithoutWork() {
    String service = "quiet-" + name.substring(0, 8);
    try (Messenger server = Messenger.builder(service).listen("memory:" + name).build()) {
      server.handle("echo", String.class, text -> text);
      Await.result(client.connect("memory:" + name).request("echo", "x", String.class));
      String thread = "carrick-memory-" + service;
      client.close();

      Await.until(
          () -> thread + " ends",
          Duration.ofSeconds(20),
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(t -> t.getName().equals(thread)));
    }
  }

  @Test
  void whereNobodyListensUnderTheNameItIsUnavailable() {
    ConnectException failure =
        Failures.in(client.connect("memory:" + name).connect(), ConnectException.class);

    Failures.check(failure, StatusCode.UNAVAILABLE, Delivered.NO, "memory:" + name);
  }
}
