package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
@ParameterizedClass(name = "unix {0}")
@ValueSource(booleans = {true, false})
final class FaultProxyTest {

  private static final long SEED = 42;

  @TempDir Path directory;

  private final boolean unix;
  private final List<SocketChannel> opened = new ArrayList<>();
  private final ExecutorService reader = Executors.newCachedThreadPool();
  private ServerSocketChannel listener;
  private FaultProxy proxy;
  private SocketChannel client;
  private SocketChannel server;

  FaultProxyTest(boolean unix) {
    this.unix = unix;
  }

  @BeforeEach
  void start() throws IOException {
    if (unix) {
      Path path = directory.resolve("server");
      listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(path));
      proxy = FaultProxy.unix(directory.resolve("proxy"), path, SEED);
    } else {
      listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      proxy = FaultProxy.tcp((InetSocketAddress) listener.getLocalAddress(), SEED);
    }
    connect();
  }

  private void connect() throws IOException {
    int count = proxy.accepted();
    client = opened(SocketChannel.open(address()));
    server = opened(listener.accept());
    // The kernel accepts before the proxy knows.
    Await.until("the proxy passes it", () -> proxy.accepted() > count);
  }

  private SocketChannel opened(SocketChannel channel) {
    opened.add(channel);
    return channel;
  }

  private SocketAddress address() {
    return unix
        ? UnixDomainSocketAddress.of(proxy.path())
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port());
  }

  @AfterEach
  void stop() throws IOException {
    for (SocketChannel channel : opened) {
      channel.close();
    }
    listener.close();
    proxy.close();
    reader.shutdownNow();
    assertThat(proxy.connections()).isZero();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("fault-proxy-"));
  }

  @Test
  void bytesPassBothWays() throws IOException {
    Bytes.say(client, "ping");
    assertThat(Bytes.hear(server, 4)).isEqualTo("ping");
    Bytes.say(server, "pong!");
    assertThat(Bytes.hear(client, 5)).isEqualTo("pong!");
    assertThat(proxy.bytes(Direction.TO_SERVER)).isEqualTo(4);
    assertThat(proxy.bytes(Direction.TO_CLIENT)).isEqualTo(5);
    assertThat(proxy.accepted()).isEqualTo(1);
    assertThat(proxy.toString()).contains("seed 42");
  }

  @Test
  void theEndOfEitherSideReachesTheOther() throws IOException {
    Bytes.say(client, "last words");
    client.close();
    assertThat(Bytes.hear(server, 10)).isEqualTo("last words");
    Bytes.assertEnd(server);
    server.close();
    Await.until("no connection", () -> proxy.connections() == 0);
  }

  @Test
  void slicesAndJitterChangeNoByteAndNoOrder() throws Exception {
    proxy.weather(Weather.CLEAR.withMaxSlice(1).withJitter(Duration.ofMillis(3)));
    byte[] sent = new byte[50_000];
    new Random(SEED).nextBytes(sent);
    CompletableFuture<byte[]> received = read(server, sent.length);
    for (int i = 0; i < sent.length; i += 1_000) {
      client.write(ByteBuffer.wrap(sent, i, 1_000));
    }
    assertThat(Await.result(received)).isEqualTo(sent);
  }

  @Test
  void latencyTakesItsTimeInEachDirection() throws IOException {
    proxy.weather(Weather.CLEAR.withLatency(Duration.ofMillis(40)));
    long start = System.nanoTime();
    Bytes.say(client, "x");
    Bytes.hear(server, 1);
    Bytes.say(server, "y");
    Bytes.hear(client, 1);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(ms(80), ms(2_000));
  }

  @Test
  void theRateIsKept() {
    proxy.weather(Direction.TO_SERVER, Weather.CLEAR.withRate(100_000).withMaxSlice(500));
    long start = System.nanoTime();
    CompletableFuture<byte[]> received = read(server, 20_000);
    Bytes.say(client, "z".repeat(20_000));
    Await.result(received);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(ms(190), ms(5_000));
  }

  @Test
  void aCutEndsBothSides() throws IOException {
    proxy.cut();
    Bytes.assertEnd(client);
    Bytes.assertEnd(server);
    connect();
    bytesOfANewConnectionPass();
  }

  @Test
  void aResetIsAResetWhereTheProtocolHasOne() throws IOException {
    proxy.reset();
    if (unix) {
      Bytes.assertEnd(client);
      Bytes.assertEnd(server);
    } else {
      assertThatThrownBy(() -> Bytes.hear(client, 1)).isInstanceOf(SocketException.class);
      assertThatThrownBy(() -> Bytes.hear(server, 1)).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void aBlackHoleInOneDirectionLeavesTheOther() throws IOException {
    proxy.blackHole(Direction.TO_SERVER);
    Bytes.say(client, "lost");
    Bytes.say(server, "still heard");
    assertThat(Bytes.hear(client, 11)).isEqualTo("still heard");
    Bytes.assertSilent(server);
  }

  @Test
  void aBlackHoleSwallowsClosesAndLaterConnectionsUntilItIsHealed() throws IOException {
    proxy.blackHole(Direction.values());
    Bytes.say(client, "lost");
    client.close();
    Bytes.assertSilent(server);
    SocketChannel early = server;
    connect();
    Bytes.say(client, "lost, too");
    Bytes.assertSilent(server);
    proxy.heal();
    Bytes.assertSilent(early);
    SocketChannel dead = client;
    SocketChannel alsoDead = server;
    connect();
    bytesOfANewConnectionPass();
    Bytes.say(dead, "never again");
    Bytes.assertSilent(alsoDead);
  }

  @Test
  void aHalfCloseLeavesTheOtherDirection() throws IOException {
    proxy.halfClose(Direction.TO_CLIENT);
    Bytes.assertEnd(client);
    Bytes.say(client, "I am still here");
    assertThat(Bytes.hear(server, 15)).isEqualTo("I am still here");
    Bytes.say(server, "lost");
    Bytes.assertEnd(client);
  }

  @Test
  void aHalfOpenConnectionIsClosedForOneSideOnly() throws IOException {
    proxy.halfOpen(Direction.TO_CLIENT);
    Bytes.assertEnd(client);
    Bytes.say(server, "lost");
    Bytes.assertSilent(server);
  }

  @Test
  void heldBytesComeLateAlthoughTheSenderHasGone() throws IOException {
    proxy.hold(Direction.TO_SERVER);
    Bytes.say(client, "zombie");
    client.close();
    Bytes.assertSilent(server);
    proxy.release(Direction.TO_SERVER);
    assertThat(Bytes.hear(server, 6)).isEqualTo("zombie");
    Bytes.assertEnd(server);
  }

  @Test
  void nobodyConnectsWhileTheProxyRefuses() throws IOException {
    proxy.refuse();
    assertThatThrownBy(() -> SocketChannel.open(address())).isInstanceOf(SocketException.class);
    bytesOfANewConnectionPass();
    proxy.admit();
    connect();
    bytesOfANewConnectionPass();
  }

  @Test
  void aClientIsClosedWhereTheServerDoesNotAnswer() throws IOException {
    listener.close();
    if (unix) {
      Files.delete(directory.resolve("server"));
    }
    try (SocketChannel other = SocketChannel.open(address())) {
      Bytes.assertEnd(other);
    } catch (ConnectException e) {
      assertThat(unix).isFalse();
    }
  }

  @Test
  void aSenderHasToWaitWhenTheProxyHoldsEnough() throws IOException {
    proxy.hold(Direction.TO_SERVER);
    client.configureBlocking(false);
    long[] taken = {0};
    long[] progress = {System.nanoTime()};
    Await.until(
        "the sender waits",
        () -> {
          int n = Bytes.write(client, 65_536);
          taken[0] += n;
          progress[0] = n > 0 ? System.nanoTime() : progress[0];
          return System.nanoTime() - progress[0] > ms(300).toNanos();
        });
    // What the proxy holds, and the buffers of two sockets.
    assertThat(taken[0]).isBetween((long) FaultPipe.MAX_HELD_BYTES, 12L << 20);
    proxy.cut();
  }

  @Test
  void nothingStaysOpenForConnectionsThatAreOver() throws IOException {
    OpenResources before = OpenResources.now();
    for (int i = 0; i < 30; i++) {
      connect();
      bytesOfANewConnectionPass();
      if (i % 2 == 0) {
        proxy.blackHole(Direction.TO_SERVER);
      }
      client.close();
      server.close();
      proxy.heal();
    }
    Await.until("the first connection is left", () -> proxy.connections() == 1);
    before.awaitReturn();
  }

  @Test
  void weatherThatCannotBeIsRefused() {
    assertThatThrownBy(() -> Weather.CLEAR.withRate(0)).hasMessageContaining("bytesPerSecond 0");
    assertThatThrownBy(() -> Weather.CLEAR.withMaxSlice(0)).hasMessageContaining("maxSlice 0");
    assertThatThrownBy(() -> Weather.CLEAR.withLatency(ms(-1))).hasMessageContaining("latency");
  }

  private void bytesOfANewConnectionPass() throws IOException {
    Bytes.say(client, "new");
    assertThat(Bytes.hear(server, 3)).isEqualTo("new");
  }

  private CompletableFuture<byte[]> read(SocketChannel channel, int length) {
    return CompletableFuture.supplyAsync(
        () -> {
          ByteBuffer buffer = ByteBuffer.allocate(length);
          try {
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return buffer.array();
        },
        reader);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
