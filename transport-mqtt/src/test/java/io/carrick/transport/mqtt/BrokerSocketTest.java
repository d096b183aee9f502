package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.testkit.Await;
import io.carrick.tls.TlsContexts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class BrokerSocketTest {

  @Test
  void aThreadThatWroteAndWaitsForMoreEndsWithTheConnection() throws IOException {
    try (FakeBroker broker = new FakeBroker(0x20)) {
      MqttAddress address = MqttAddress.of(Endpoint.parse(broker.endpoint()));
      BrokerSocket socket =
          new BrokerSocket(address, new TlsContexts(TlsConfig.SYSTEM), 10_000, 1_000, () -> {});
      socket.connect(new InetSocketAddress("127.0.0.1", 1), 0);
      CompletableFuture<Boolean> woken = new CompletableFuture<>();
      CountDownLatch wrote = new CountDownLatch(1);
      Thread sender = new Thread(() -> woken.complete(waits(socket, wrote)), "sender");
      sender.setDaemon(true);
      sender.start();
      Await.until("it has written", () -> wrote.getCount() == 0);

      socket.cut();

      assertThat(Await.result(woken)).isTrue();
    }
  }

  private static boolean waits(BrokerSocket socket, CountDownLatch wrote) {
    try {
      socket.getOutputStream().write(new byte[] {0x10, 0});
      wrote.countDown();
      new CountDownLatch(1).await();
      return false;
    } catch (InterruptedException e) {
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
