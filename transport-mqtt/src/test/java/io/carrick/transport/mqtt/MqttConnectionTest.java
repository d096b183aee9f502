package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Listener;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only connections over a broker have, at a Mosquitto as it comes. */
@Timeout(60)
final class MqttConnectionTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static Mosquitto broker;

  private final Link link = new Link();

  @BeforeAll
  static void start() {
    broker = Mosquitto.start();
  }

  @AfterAll
  static void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  @AfterEach
  void close() {
    link.close();
  }

  private static void send(Connection connection, int number) {
    connection.send(ByteBuffer.allocate(4).putInt(0, number));
    connection.flush();
  }

  /** Mosquitto uses Nagle's algorithm, which costs 88 ms a round trip with QoS 1 otherwise. */
  @ParameterizedTest
  @ValueSource(strings = {"", "?qos=1"})
  void noRoundTripWaitsForNagle(String query) throws Exception {
    String at = broker.endpoint("fast") + query;
    link.listen(at);
    Connection client = link.connect(at);
    Connection server = link.accepted();
    RecordingReceiver atClient = Link.receive(client);
    RecordingReceiver atServer = Link.receive(server);

    long median = Long.MAX_VALUE;
    for (int round = 0; round < 5 && median >= 10_000_000; round++) { // A busy machine is slow.
      long[] nanos = new long[100];
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        send(client, i);
        assertThat(atServer.nextFrame()).hasSize(4);
        send(server, i);
        assertThat(atClient.nextFrame()).hasSize(4);
        nanos[i] = System.nanoTime() - start;
      }
      Arrays.sort(nanos);
      median = nanos[nanos.length / 2];
      System.out.printf("round trip over a broker%s: %d us%n", query, median / 1_000);
    }

    assertThat(Duration.ofNanos(median)).isLessThan(Duration.ofMillis(10));
  }

  @Test
  void withQos1AllArrivesOnceAndInOrder() throws Exception {
    String at = broker.endpoint("once") + "?qos=1";
    link.listen(at);
    Connection client = link.connect(at);
    RecordingReceiver atServer = Link.receive(link.accepted());
    RecordingReceiver atClient = Link.receive(client);

    for (int i = 0; i < 5_000; i++) {
      if (!client.send(ByteBuffer.allocate(2_000).putInt(0, i))) {
        atClient.awaitWritable();
      }
    }
    client.flush();

    for (int i = 0; i < 5_000; i++) {
      assertThat(ByteBuffer.wrap(atServer.nextFrame()).getInt()).isEqualTo(i);
    }
  }

  @Test
  void whereNobodyListensTheBrokerSaysSoAtOnce() {
    String at = broker.endpoint("nobody");
    link.failureToConnect(at); // The first connection to the broker takes longer.
    long start = System.nanoTime();

    Throwable failure = link.failureToConnect(at);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
    assertThat(failure)
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining(at)
        .hasMessageContaining("no service listens there")
        .hasMessageContaining("start it");
  }

  @Test
  void severalShareADoorAndEachConnectionHasOneOfThem() throws Exception {
    String at = broker.endpoint("shared");
    try (Link other = new Link()) {
      link.listen(at);
      other.listen(at);

      Connection[] connections =
          Stream.generate(() -> link.connect(at)).limit(10).toArray(Connection[]::new);

      assertThat(connections).hasSize(10);
      for (int i = 0; i < 5; i++) {
        assertThat(link.accepted()).isNotNull(); // Mosquitto takes turns.
        assertThat(other.accepted()).isNotNull();
      }
    }
  }

  @Test
  void anInstanceHasADoorOfItsOwnAndTheOneOfItsService() throws Exception {
    String service = broker.endpoint("doors");
    try (Link other = new Link()) {
      link.listen(service + "/one");
      Listener two = other.listen(service + "/two");
      for (int i = 0; i < 4; i++) {
        other.connect(service + "/one");
        assertThat(link.accepted()).isNotNull();
      }

      two.close();

      Connection any = other.connect(service);
      assertThat(any).isNotNull();
      assertThat(link.accepted()).isNotNull();
      assertThat(other.failureToConnect(service + "/two")).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void listenersOfOneTransportShareADoorUntilTheLastIsClosed() throws Exception {
    String at = broker.endpoint("twice");
    Listener first = link.listen(at);
    Listener second = link.listen(at);

    second.close();
    link.connect(at);
    assertThat(link.accepted()).isNotNull();
    first.close();

    assertThat(link.failureToConnect(at)).isInstanceOf(ConnectException.class);
  }

  @Test
  void aBrokerThatComesBackFindsTheListenersThereAgain() throws Exception {
    try (Mosquitto own = Mosquitto.start()) {
      String at = own.endpoint("back");
      link.listen(at);
      RecordingReceiver atClient = Link.receive(link.connect(at));
      RecordingReceiver atServer = Link.receive(link.accepted());

      own.kill();

      assertThat(Await.result(atClient.closed()).kind()).isEqualTo(CloseReason.Kind.NETWORK);
      assertThat(Await.result(atServer.closed()).kind()).isEqualTo(CloseReason.Kind.NETWORK);
      assertThat(link.failureToConnect(at)).isInstanceOf(ConnectException.class);

      own.run();
      Await.until(
          () -> "the listener is back",
          Duration.ofSeconds(20),
          () -> {
            try {
              Connection again =
                  link.client
                      .connect(io.carrick.spi.Endpoint.parse(at))
                      .toCompletableFuture()
                      .get(10, TimeUnit.SECONDS);
              again.close(CloseReason.local("it is back"));
              return true;
            } catch (Exception e) {
              return false;
            }
          });
    }
  }

  @Test
  void listeningWhereNoBrokerIsFailsWithTheRemedy() {
    assertThat(link.failureToListen("mqtt://127.0.0.1:9/s"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("mqtt://127.0.0.1:9/s")
        .hasMessageContaining("start the broker there")
        .extracting(e -> ((EndpointException) e).code())
        .isEqualTo(StatusCode.UNAVAILABLE);
    assertThat(link.failureToConnect("mqtt://127.0.0.1:9/s"))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("start the broker there");
    assertThat(link.failureToConnect("mqtt://nobody.invalid:1883/s"))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("nobody.invalid")
        .hasMessageContaining("DNS");
  }
}
