package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.TlsConfig;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.Await;
import io.grpc.ConnectivityState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NamesTest {

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final Names names = new Names("test", this::lookup);

  @AfterEach
  void close() {
    answers.countDown();
    names.close();
  }

  private InetAddress[] lookup(String host) {
    asked.incrementAndGet();
    if (host.startsWith("silent")) {
      Await.until("the answer", () -> answers.getCount() == 0);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  @Test
  void namesThatDoNotAnswerBlockNoOthersAndNoAddresses() throws Exception {
    for (int i = 0; i < 10; i++) {
      names.resolve("silent" + i);
    }

    assertThat(names.resolve("other").get(5, TimeUnit.SECONDS)).hasSize(1);
    Await.until("all of them are asked", () -> asked.get() == 11);
    for (String literal : List.of("127.0.0.1", "[::1]")) {
      int before = asked.get();
      assertThat(names.resolve(literal).get(5, TimeUnit.SECONDS))
          .allMatch(InetAddress::isLoopbackAddress);
      assertThat(asked).hasValue(before);
    }
  }

  @Test
  void aNameIsLookedUpOnceAtATime() throws Exception {
    List<CompletableFuture<List<InetAddress>>> all =
        Stream.generate(() -> names.resolve("silent")).limit(100).toList();
    answers.countDown();

    for (CompletableFuture<List<InetAddress>> each : all) {
      assertThat(each.get(5, TimeUnit.SECONDS)).hasSize(1);
    }
    assertThat(asked).hasValue(1);
    assertThat(names.resolve("silent").get(5, TimeUnit.SECONDS)).hasSize(1);
  }

  @Test
  void soManyNamesMayBeSilent() {
    for (int i = 0; i < Names.MOST; i++) {
      names.resolve("silent" + i);
    }

    assertThat(names.resolve("other")).isCompletedExceptionally();
    answers.countDown();
    Await.until("names are looked up again", () -> !names.resolve("b").isCompletedExceptionally());
  }

  @Test
  void anAddressThatIsSilentLeavesTimeForTheNext() throws Exception {
    Loops loops =
        new Loops(
            "test",
            host ->
                new InetAddress[] {
                  InetAddress.getByName("127.0.0.2"), InetAddress.getLoopbackAddress()
                });
    try (Grpc grpc = new Grpc();
        ServerSocket silent = new ServerSocket()) {
      // A backlog that is full: the system answers no SYN any more.
      silent.bind(new InetSocketAddress("127.0.0.2", grpc.port()), 1);
      List<SocketChannel> full = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        SocketChannel one = SocketChannel.open();
        one.configureBlocking(false);
        one.connect(silent.getLocalSocketAddress());
        full.add(one);
      }
      Endpoint endpoint = Endpoint.parse("grpc://two:" + grpc.port());
      TransportConfig config = new TransportConfig("test", Duration.ofSeconds(4), TlsConfig.SYSTEM);

      Outbound outbound =
          Outbound.to(
              endpoint,
              GrpcAddress.of(endpoint),
              loops.group().next(),
              loops,
              config,
              new Tls(TlsConfig.SYSTEM));
      long start = System.nanoTime();
      Await.until(
          "it is connected", () -> outbound.grpc().getState(true) == ConnectivityState.READY);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(config.connectTimeout());
      outbound.grpc().shutdownNow();
      for (SocketChannel one : full) {
        one.close();
      }
    } finally {
      loops.close();
    }
  }

  @Test
  void whatIsNotResolvedIsNamed() {
    try (Grpc grpc = new Grpc()) {
      for (String host : List.of("no_such_name.invalid", "[fe80::1%nosuch]")) {
        assertThat(grpc.connectFailure("grpc://" + host + ":7400"))
            .isInstanceOf(ConnectException.class)
            .hasMessageContaining("the name " + host + " was not resolved")
            .hasMessageContaining("DNS of this host");
      }
    }
  }
}
