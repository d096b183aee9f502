package io.carrick.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers that mean ill get, and that others do not notice. */
@Timeout(60)
final class Http2HostileTest {

  private static final int FLOOD = 100_000;
  private static final int ROUND_TRIPS = 2_000;
  private static final double MAX_SLOWDOWN = 5;

  /** What a machine that does other things, too, may delay one round trip of a hundred. */
  private static final double NOISE_MICROS = 10_000;

  private static final long MAX_GROWTH_BYTES = 64L << 20;

  private Http2 http2;
  private Connection beside;

  @BeforeEach
  void open() {
    http2 = new Http2();
    beside = http2.connect();
  }

  @AfterEach
  void othersGoOn() {
    assertThat(http2.roundTrip(beside)).isPositive();
    http2.close();
  }

  @Test
  void aRequestOfHttp1IsClosed() throws IOException {
    try (RawHttp2 peer = new RawHttp2(http2.port())) {
      peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(peer.readToEnd()).isLessThan(1024);
    }
  }

  @Test
  void randomBytesAreClosed() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[24 + random.nextInt(4096)];
      random.nextBytes(bytes);
      try (RawHttp2 peer = new RawHttp2(http2.port())) {
        peer.write(bytes);
        peer.shutdownOutput();
        assertThat(peer.readToEnd()).isLessThan(1024);
      }
    }
  }

  @Test
  void aFloodOfResetCallsIsCutOff() throws IOException {
    byte[] headers = RawHttp2.headers(SessionCall.PATH);
    flood(
        i -> {
          int stream = 2 * i + 1;
          return concat(
              RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, headers),
              RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
        });
  }

  @Test
  void aFloodOfBadWindowUpdatesIsCutOff() throws IOException {
    byte[] headers = RawHttp2.headers(SessionCall.PATH);
    flood(
        i -> {
          int stream = 2 * i + 1;
          return concat(
              RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, headers),
              RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, stream, new byte[4]));
        });
  }

  @Test
  void aFloodOfPingsIsCutOff() throws IOException {
    flood(i -> RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
  }

  @Test
  void aFloodOfContinuationsIsCutOff() throws IOException {
    byte[] headers = RawHttp2.headers(SessionCall.PATH);
    flood(
        i ->
            i == 0
                ? RawHttp2.frame(RawHttp2.HEADERS, 0, 1, headers)
                : RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]));
  }

  @Test
  void aFloodOfSettingsIsCutOff() throws IOException {
    flood(i -> RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
  }

  @Test
  void aFloodOfEmptyDataIsCutOff() throws IOException {
    byte[] headers = RawHttp2.headers(SessionCall.PATH);
    flood(
        i ->
            i == 0
                ? RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, headers)
                : RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[0]));
  }

  private interface Part {
    byte[] at(int i);
  }

  /** Sends 100,000 parts while the connection beside works. */
  private void flood(Part part) throws IOException {
    p99();
    double idle = p99();
    long before = heldBytes();
    CompletableFuture<Integer> sent = CompletableFuture.supplyAsync(() -> send(part));
    double flooded = p99();
    int parts = Await.result(sent);
    long growth = heldBytes() - before;

    System.out.printf(
        "Flood: %,d parts sent, p99 beside %.0f us, idle %.0f us, heap %+,d bytes%n",
        parts, flooded, idle, growth);
    assertThat(parts).isLessThan(FLOOD);
    assertThat(flooded).isLessThan(Math.max(MAX_SLOWDOWN * idle, NOISE_MICROS));
    assertThat(growth).isLessThan(MAX_GROWTH_BYTES);
  }

  private int send(Part part) {
    int i = 0;
    try (RawHttp2 peer = new RawHttp2(http2.port())) {
      peer.begin();
      CompletableFuture<Long> reading =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return peer.readToEnd();
                } catch (IOException e) {
                  return -1L;
                }
              });
      for (; i < FLOOD && !reading.isDone(); i++) {
        peer.write(part.at(i));
      }
    } catch (IOException e) {
      return i; // The server has closed.
    }
    return i;
  }

  private double p99() {
    long[] times = new long[ROUND_TRIPS];
    for (int i = 0; i < times.length; i++) {
      times[i] = http2.roundTrip(beside);
    }
    Arrays.sort(times);
    return times[times.length * 99 / 100] / 1e3;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static long heldBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
