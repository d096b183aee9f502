package io.carrick.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.spi.TransportProvider;
import io.carrick.testkit.Await;
import io.carrick.testkit.NoCalls;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.util.ServiceLoader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class MemoryTransportTest {

  private static final Endpoint HERE = Endpoint.parse("memory:here");

  private final MemoryTransportProvider provider = new MemoryTransportProvider();
  private final Transport transport = provider.create(TransportConfig.of("test"));
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    transport.close();
  }

  @Test
  void theServiceLoaderFindsIt() {
    assertThat(ServiceLoader.load(TransportProvider.class).stream().map(p -> p.get().schemes()))
        .anyMatch(schemes -> schemes.contains("memory"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory:a/b", "memory://host", "memory:a#b", "memory:a?b", "memory:%20"})
  void anEndpointThatIsNoNameIsRefused(String text) {
    Endpoint endpoint = Endpoint.parse(text);

    assertThatThrownBy(() -> provider.capabilities(endpoint, TransportConfig.of("test")))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining(text)
        .hasMessageContaining("write memory:name");
    assertThat(Await.failure(transport.connect(endpoint), Await.LONG_ENOUGH))
        .isInstanceOf(EndpointException.class);
  }

  @Test
  void nobodyUnderTheNameIsNamedWithTheRemedy() {
    assertThat(Await.failure(transport.connect(HERE), Await.LONG_ENOUGH))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("nobody listens on memory:here: start the service");
  }

  @Test
  void aNameInUseIsRefused() {
    listen();

    Throwable failure =
        Await.failure(
            transport.listen(HERE, ListenContext.of(accepted::add, new NoCalls())),
            Await.LONG_ENOUGH);

    assertThat(failure).isInstanceOf(EndpointException.class).hasMessageContaining("in use");
    assertThat(((EndpointException) failure).code()).isEqualTo(StatusCode.ALREADY_EXISTS);
  }

  @Test
  void aTransportThatIsClosedDoesNothingMore() {
    transport.close();

    assertThat(
            Await.failure(
                transport.listen(HERE, ListenContext.of(accepted::add, new NoCalls())),
                Await.LONG_ENOUGH))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("transport is closed");
  }

  @Test
  void whatWasFlushedArrivesBeforeTheEnd() throws InterruptedException {
    listen();
    Connection client = Await.result(transport.connect(HERE));
    Connection server = nextAccepted();

    client.send(ByteBuffer.wrap(new byte[] {1}));
    client.flush();
    client.close(CloseReason.local("done"));
    RecordingReceiver receiver = new RecordingReceiver();
    server.receive(receiver);

    assertThat(Await.result(receiver.closed()).kind()).isEqualTo(CloseReason.Kind.PEER);
    assertThat(receiver.nextFrame()).containsExactly(1);
  }

  @Test
  void aCallerThatIgnoresFalseLosesTheConnection() throws InterruptedException {
    listen();
    Connection client = Await.result(transport.connect(HERE));
    RecordingReceiver receiver = new RecordingReceiver();
    client.receive(receiver);

    for (int i = 0; i < 100; i++) {
      client.send(ByteBuffer.allocate(Transport.MAX_FRAME_BYTES));
    }

    CloseReason reason = Await.result(receiver.closed());
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.LOCAL);
    assertThat(reason.detail()).contains("although send said false; wait for onWritable");
  }

  @Test
  void aReceiverThatThrowsLosesItsConnection() throws InterruptedException {
    listen();
    Connection client = Await.result(transport.connect(HERE));
    RecordingReceiver failing =
        new RecordingReceiver() {
          @Override
          protected void handle(ByteBuffer frame) {
            throw new IllegalStateException("on purpose");
          }
        };
    nextAccepted().receive(failing);

    client.send(ByteBuffer.allocate(1));
    client.flush();

    assertThat(Await.result(failing.closed()).detail()).contains("on purpose");
  }

  private void listen() {
    Await.result(transport.listen(HERE, ListenContext.of(accepted::add, new NoCalls())));
  }

  private Connection nextAccepted() throws InterruptedException {
    Connection connection = accepted.poll(10, TimeUnit.SECONDS);
    if (connection == null) {
      throw new AssertionError("no connection was accepted");
    }
    return connection;
  }
}
