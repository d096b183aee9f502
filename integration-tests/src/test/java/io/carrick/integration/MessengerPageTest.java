package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.InMemoryPair;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of Messenger, in its order. Needs of connect() are in SelectionPageTest, what drain()
 * spares in MoveTest, RollingRestartTest and DrainTest, close() and whom stopServing() sends away
 * in MessengerClosePageTest and, from a handler, in LifecycleTest.
 */
@OverEachTransport
final class MessengerPageTest extends Semantics {

  MessengerPageTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void aLifeHas128RandomBitsAs32HexadecimalDigits() {
    assertThat(server.service()).isEqualTo("server");
    assertThat(server.instance()).matches("[0-9a-f]{32}").isNotEqualTo(client.instance());
    String before = server.instance();

    restart(b -> b, b -> b);

    assertThat(server.instance()).isNotEqualTo(before);
  }

  @Test
  void endpointsHaveRealPortsInConfiguredOrder() {
    String socket = "unix:" + directory.resolve("order");
    restart(
        b -> b.listen("grpc://127.0.0.1:0").listen(socket).listen("grpc://127.0.0.2:0"), b -> b);

    assertThat(server.endpoints()).hasSize(4).startsWith(endpoint);
    assertThat(server.endpoints().get(1)).matches("grpc://127\\.0\\.0\\.1:[1-9][0-9]*");
    assertThat(server.endpoints().get(2)).isEqualTo(socket);
    assertThat(server.endpoints().get(3)).matches("grpc://127\\.0\\.0\\.2:[1-9][0-9]*");
    assertThat(client.endpoints()).isEmpty();
    await(client.connect(server.endpoints().get(3)).connect());
  }

  @Test
  void whatIsNoUriOrHasNoTransportFailsAtOnce() {
    for (String bad : List.of("nothing", "carrier-pigeon://roof")) {
      assertThatThrownBy(() -> client.connect(bad)).isInstanceOf(EndpointException.class);
      assertThatThrownBy(() -> client.connect(endpoint, bad)).isInstanceOf(EndpointException.class);
      assertThatThrownBy(() -> client.connectTo("server", bad))
          .isInstanceOf(EndpointException.class);
    }
  }

  @Test
  void eachRemoteThatIsMadeHasASessionOfItsOwnAndItsViewsShareIt() {
    server.handle("echo", String.class, text -> text);
    Remote another = client.connect(endpoint);

    for (Remote each : List.of(remote, remote.with(remote.options()), another)) {
      await(each.request("echo", "x", String.class));
    }

    Await.until("two came", () -> server.peers().size() == 2);
  }

  @Test
  void aServiceOfAnotherNameIsRefused() {
    server.handle("echo", String.class, text -> text);

    ConnectException failure =
        Failures.in(
            client.connectTo("orders", endpoint).request("echo", "x", String.class),
            ConnectException.class);

    Failures.check(failure, StatusCode.FAILED_PRECONDITION, Delivered.NO, "orders", "server");
    assertThat(await(client.connectTo("server", endpoint).request("echo", "x", String.class)))
        .isEqualTo("x");
  }

  @Test
  void peersAreThoseThatHaveDialledAndAreConnectedNow() {
    assertThat(server.peers()).isEmpty();
    await(remote.connect());
    Await.until("it came", () -> server.peers().size() == 1);
    assertThat(server.peers().get(0).service()).contains("client");
    assertThat(server.peers().get(0).instance()).contains(client.instance());
    assertThat(client.peers()).isEmpty();

    client.close();

    Await.until("it went", () -> server.peers().isEmpty());
  }

  @Test
  void whatIsPublishedReachesTheOwnSubscriptionsAndThoseOfSessions() {
    List<String> log = new CopyOnWriteArrayList<>();
    server.subscribe("news", String.class, text -> log.add("own " + text));
    await(remote.subscribe("news", String.class, text -> log.add("theirs " + text)));
    client.subscribe("news", String.class, text -> log.add("nobody's " + text));

    await(server.publish("news", "x"));

    Await.until(log::toString, Await.LONG_ENOUGH, () -> log.size() == 2);
    assertThat(log).containsExactlyInAnyOrder("own x", "theirs x");
  }

  @Test
  void drainTakes0To24h() {
    for (Duration bad : List.of(Duration.ofMillis(-1), Duration.ofHours(24).plusMillis(1))) {
      assertThatThrownBy(() -> server.drain(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(bad + " must be 0 to PT24H");
    }

    await(server.drain(Duration.ZERO));
    assertThatThrownBy(() -> server.handle("a", String.class, text -> text))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theFirstTimeOfADrainCountsAndMeanwhileItMayCallOthers() {
    client.handle("back", String.class, text -> text);
    CompletableFuture<String> call = held();
    Remote peer = server.peers().get(0);
    CompletableFuture<Void> drained = server.drain(Duration.ofSeconds(20));
    CompletableFuture<Void> again = server.drain(Duration.ZERO);

    assertThat(await(peer.request("back", "x", String.class))).isEqualTo("x");
    Failures.in(client.connect(endpoint).connect(), ConnectException.class);
    assertThat(drained).isNotDone();
    gate.open();

    assertThat(await(call)).isEqualTo("x");
    await(drained);
    await(again);
  }

  @Test
  void aNodeThatStopsServingLetsCallsOfOthersEndAndStillCallsOthers() {
    String elsewhere = transport.endpoint(directory.resolve("elsewhere"));
    try (Messenger other = TestTls.messenger("other").listen(elsewhere).build()) {
      other.handle("ask", String.class, text -> text);
      Remote dialled = server.connect(other.endpoints().get(0));
      await(dialled.connect());
      CompletableFuture<String> call = held();

      CompletableFuture<Void> stopped = server.stopServing(Duration.ofSeconds(20));
      CompletableFuture<Void> again = server.stopServing(Duration.ZERO);

      Failures.in(client.connect(endpoint).connect(), ConnectException.class);
      assertThat(stopped).isNotDone();
      gate.open();
      assertThat(await(call)).isEqualTo("x");
      await(stopped);
      await(again);
      assertThat(server.endpoints()).isEmpty();
      assertThat(server.peers()).isEmpty();
      assertThat(server.closed().toCompletableFuture()).isNotDone();
      Failures.in(client.connect(endpoint).connect(), ConnectException.class);
      assertThat(await(dialled.request("ask", "x", String.class))).isEqualTo("x");
      Remote fresh = server.connectTo("other", other.endpoints().get(0));
      assertThat(await(fresh.request("ask", "y", String.class))).isEqualTo("y");
      await(server.drain(Duration.ofSeconds(20)));
      await(server.closed().toCompletableFuture());
    }
  }

  @Test
  void stopServingTakes0To24hAndIsOverWithTheMessenger() {
    Duration bad = Duration.ofHours(24).plusMillis(1);
    assertThatThrownBy(() -> server.stopServing(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stopServing " + bad + " must be 0 to PT24H");
    await(remote.connect());
    CompletableFuture<String> held = held();
    CompletableFuture<Void> stopped = server.stopServing(Duration.ofHours(1));
    assertThat(stopped).isNotDone();

    gate.open();
    await(held);
    server.close();

    await(stopped);
    await(server.stopServing(Duration.ZERO));
  }

  @Test
  void inMemoryTwoAreConnected() {
    try (InMemoryPair pair = Messenger.inMemory()) {
      pair.server().handle("echo", String.class, text -> text);

      assertThat(await(pair.remote().request("echo", "x", String.class))).isEqualTo("x");
      assertThat(pair.server().peers()).hasSize(1);
      assertThat(pair.server().instance()).isNotEqualTo(pair.client().instance());
    }
  }
}
