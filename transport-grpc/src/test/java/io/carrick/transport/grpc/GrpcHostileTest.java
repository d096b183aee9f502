package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Connection;
import io.carrick.testkit.Await;
import io.carrick.transport.support.Packet;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
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
final class GrpcHostileTest {

  private static final int FLOOD = 100_000;
  private static final int ROUND_TRIPS = 2_000;
  private static final double MAX_SLOWDOWN = 5;

  /** What a machine that does other things, too, may delay one round trip of a hundred. */
  private static final double NOISE_MICROS = 10_000;

  private static final long MAX_GROWTH_BYTES = 64L << 20;

  private Grpc grpc;
  private Connection beside;

  @BeforeEach
  void open() {
    grpc = new Grpc();
    beside = grpc.connect();
  }

  @AfterEach
  void othersGoOn() {
    assertThat(grpc.roundTrip(beside)).isPositive();
    grpc.close();
  }

  @Test
  void aRequestOfHttp1IsClosed() throws IOException {
    try (RawHttp2 peer = new RawHttp2(grpc.port())) {
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
      try (RawHttp2 peer = new RawHttp2(grpc.port())) {
        peer.write(bytes);
        assertThat(peer.readToEnd()).isLessThan(1024);
      }
    }
  }

  @Test
  void bytesThatAreNoPacketEndTheCallWithAReason() {
    assertThat(statusFor(new byte[] {0x0b, 1, 2, 3}, 4).getDescription()).contains("Packet");
    assertThat(statusFor(new byte[] {0x0a, 100, 1}, 3).getDescription()).contains("in the middle");
    byte[] tooLargeAFrame = new byte[65_541];
    Arrays.fill(tooLargeAFrame, (byte) 1);
    tooLargeAFrame[0] = 0x0a;
    tooLargeAFrame[1] = (byte) 0x81;
    tooLargeAFrame[2] = (byte) 0x80;
    tooLargeAFrame[3] = 0x04; // 65,537
    assertThat(statusFor(tooLargeAFrame, 65_541).getDescription()).contains("65537", "65536");
  }

  @Test
  void aMessageThatIsTooLargeEndsTheCallWithBothSizes() {
    Status status = statusFor(new byte[300_000], 300_000);

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("300000", "262144");
  }

  @Test
  void aMessageAboveAllBoundsIsNotReadAtAll() {
    Status status = statusFor(new byte[8 << 20], 8 << 20);

    assertThat(status.getCode())
        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED, Status.Code.UNAVAILABLE);
  }

  @Test
  void metadataThatIsTooLargeIsRefused() {
    Metadata large = new Metadata();
    large.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "y".repeat(20_000));

    assertThat(call(large, new BatchStream(new Packet(new byte[0], 0))).isOk()).isFalse();
  }

  @Test
  void aFloodOfResetCallsIsCutOff() throws IOException {
    byte[] headers = RawHttp2.headers("/carrick.v1.Carrick/Session");
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
    byte[] headers = RawHttp2.headers("/carrick.v1.Carrick/Session");
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
    byte[] headers = RawHttp2.headers("/carrick.v1.Carrick/Session");
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
    byte[] headers = RawHttp2.headers("/carrick.v1.Carrick/Session");
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
    try (RawHttp2 peer = new RawHttp2(grpc.port())) {
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
      times[i] = grpc.roundTrip(beside);
    }
    Arrays.sort(times);
    return times[times.length * 99 / 100] / 1e3;
  }

  private Status statusFor(byte[] packet, int length) {
    return call(new Metadata(), new BatchStream(new Packet(packet, length)));
  }

  private Status call(Metadata metadata, Batch batch) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpc.port()).usePlaintext().build();
    try {
      CompletableFuture<Status> result = new CompletableFuture<>();
      ClientCall<Batch, Batch> call =
          channel.newCall(SessionMethod.DESCRIPTOR, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              result.complete(status);
            }
          },
          metadata);
      call.sendMessage(batch);
      return Await.result(result);
    } finally {
      channel.shutdownNow();
    }
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
