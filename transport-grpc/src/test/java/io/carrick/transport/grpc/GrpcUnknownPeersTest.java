package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.carrick.PeerLimits;
import io.carrick.TlsConfig;
import io.carrick.netty.Door;
import io.carrick.netty.ListenLimits;
import io.carrick.spi.Connection;
import io.carrick.spi.GuardedConnection;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import io.carrick.testkit.TestTls;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that the node does not know yet. */
@Timeout(60)
final class GrpcUnknownPeersTest {

  private static final int LIMIT = PeerLimits.DEFAULT.unknownBytes();
  private static final int PART = 1_000;
  private static final int PARTS = 50;
  private static final int LARGE = 1 << 20;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path directory;

  private final BlockingQueue<GuardedConnection> accepted = new LinkedBlockingQueue<>();
  private final RecordingReceiver received = new RecordingReceiver();
  private @Nullable Grpc grpc;

  @AfterEach
  void close() {
    if (grpc != null) {
      grpc.close();
    }
  }

  private Grpc listen(String endpoint, TlsConfig tls, PeerLimits limits) {
    Grpc made = new Grpc(endpoint, tls, limits, this::take, new SesameCalls());
    grpc = made;
    return made;
  }

  private Grpc listen() {
    return listen("grpc://127.0.0.1:0", TlsConfig.SYSTEM, PeerLimits.DEFAULT);
  }

  /** As a node does that waits for HELLO. */
  private void take(Connection connection) {
    GuardedConnection guarded = (GuardedConnection) connection;
    guarded.awaitAdmission();
    guarded.receive(received);
    accepted.add(guarded);
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(what, condition);
  }

  private static byte[] headers() {
    return RawHttp2.frame(
        RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.headers("/carrick.v1.Carrick/Session"));
  }

  @Test
  void t10_littleIsReadOfAPeerUntilItIsKnown() throws Exception {
    Grpc server = listen();
    try (RawHttp2 peer = new RawHttp2(server.port())) {
      peer.begin();
      peer.write(headers());
      byte[] packet = packet(PART * PARTS);
      for (int i = 0; i < packet.length; i += PART) {
        int end = Math.min(packet.length, i + PART);
        peer.write(RawHttp2.frame(RawHttp2.DATA, 0, 1, Arrays.copyOfRange(packet, i, end)));
      }
      GuardedConnection connection = accepted.poll(10, TimeUnit.SECONDS);
      assertThat(connection).isNotNull();
      Door door = server.unknown().get(0);
      await("16 KiB to be read", () -> door.received() >= LIMIT);
      System.out.printf("Read of a peer that is not known: %,d bytes%n", door.received());
      ManagedChannel another = channel(server, "grpc");
      for (int i = 0; i < 100; i++) {
        assertThat(ask(another, "sesame", i)).isEqualTo("" + i);
      }
      another.shutdownNow();
      assertThat(door.received()).isLessThan(LIMIT + 1024);
      assertThat(received.waiting()).isZero();

      connection.admit();

      assertThat(received.nextFrame()).hasSize(PART * PARTS);
      assertThat(server.unknown()).isEmpty();
    }
  }

  /** A message of gRPC with a Packet of one frame (wire.proto). */
  private static byte[] packet(int bytes) {
    ByteBuffer packet = ByteBuffer.allocate(5 + 4 + bytes);
    packet.put((byte) 0).putInt(4 + bytes).put((byte) 0x0a);
    packet.put((byte) (bytes | 0x80)).put((byte) (bytes >> 7 | 0x80)).put((byte) (bytes >> 14));
    return packet.array();
  }

  @Test
  void t10_soManyCallsWaitForHelloAsTheirMetadataAllow() throws Exception {
    Grpc server = listen();
    ManagedChannel channel = channel(server, "grpc");
    try {
      Metadata metadata = new Metadata();
      metadata.put(AUTHORIZATION, "x".repeat(3_000));
      BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
      for (int i = 0; i < 5; i++) {
        ClientCall<Batch, Batch> call =
            channel.newCall(SessionMethod.DESCRIPTOR, CallOptions.DEFAULT);
        call.start(
            new ClientCall.Listener<>() {
              @Override
              public void onClose(Status status, Metadata trailers) {
                ends.add(status);
              }
            },
            metadata);
      }
      for (int i = 0; i < 2; i++) {
        assertThat(accepted.poll(10, TimeUnit.SECONDS)).isNotNull();
      }

      assertThat(ends.poll(10, TimeUnit.SECONDS))
          .isNotNull()
          .extracting(Status::getCode)
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(ask(channel, "sesame", LARGE)).isEqualTo("" + LARGE);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void t10_theOldestThatAreNotKnownGo() throws IOException {
    int most = 5;
    Grpc server =
        listen("grpc://127.0.0.1:0", TlsConfig.SYSTEM, PeerLimits.DEFAULT.withUnknownPeers(most));
    ManagedChannel known = channel(server, "grpc");
    try {
      assertThat(ask(known, "sesame", 10)).isEqualTo("10");
      long before = GrpcLeakTest.descriptors();
      List<RawHttp2> idle = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        RawHttp2 peer = new RawHttp2(server.port());
        peer.begin();
        idle.add(peer);
        if (i % 10 == 4) {
          ManagedChannel another = channel(server, "grpc");
          assertThat(ask(another, "sesame", i)).isEqualTo("" + i);
          another.shutdownNow();
          assertThat(ask(known, "sesame", i)).isEqualTo("" + i);
        }
      }

      for (RawHttp2 gone : idle.subList(0, idle.size() - most)) {
        gone.readToEnd();
        gone.close();
      }
      await("the others to stay", () -> server.unknown().size() == most);
      for (RawHttp2 young : idle.subList(idle.size() - most, idle.size())) {
        young.close();
      }
      Await.until(
          "the descriptors to return to " + before, () -> GrpcLeakTest.descriptors() <= before);
      assertThat(ask(known, "sesame", 10)).isEqualTo("10");
    } finally {
      known.shutdownNow();
    }
  }

  @Test
  void t10_theOldestOfAnAddressGoesForANewcomer() throws IOException {
    Grpc server =
        listen(
            "grpc://127.0.0.1:0",
            TlsConfig.SYSTEM,
            PeerLimits.DEFAULT.withUnknownPeers(2 * ListenLimits.CONNECTIONS_PER_ADDRESS));
    ManagedChannel known = channel(server, "grpc");
    List<RawHttp2> idle = new ArrayList<>();
    try {
      assertThat(ask(known, "sesame", 10)).isEqualTo("10");
      for (int i = 0; i < ListenLimits.CONNECTIONS_PER_ADDRESS; i++) {
        idle.add(new RawHttp2(server.port()));
      }
      ManagedChannel another = channel(server, "grpc");

      assertThat(ask(another, "sesame", 20)).isEqualTo("20");

      another.shutdownNow();
      assertThat(idle.get(0).readToEnd()).isNotNegative();
      assertThat(ask(known, "sesame", 10)).isEqualTo("10");
    } finally {
      known.shutdownNow();
      for (RawHttp2 peer : idle) {
        peer.close();
      }
    }
  }

  @Test
  void t09_tooMuchMetadataEndsItsCallAlone() throws IOException {
    Grpc server = listen();
    ManagedChannel channel = channel(server, "grpc");
    try {
      assertThat(ask(channel, "sesame", 10)).isEqualTo("10");
      CompletableFuture<Status> beside = new CompletableFuture<>();
      ClientCall<Batch, Batch> open =
          channel.newCall(SessionMethod.DESCRIPTOR, CallOptions.DEFAULT);
      open.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              beside.complete(status);
            }
          },
          new Metadata());
      for (int bytes : List.of(9_000, 12_000, 60_000)) {
        assertThatThrownBy(() -> ask(channel, "sesame" + "x".repeat(bytes), 10))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
      }
      assertThat(ask(channel, "sesame", 10)).isEqualTo("10");
      assertThat(beside).isNotDone();
    } finally {
      channel.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "grpcs"})
  void t10_aFirstCallMayBeLarge(String scheme) throws IOException {
    TlsConfig tls = scheme.equals("grpcs") ? new TestTls(directory).mutual() : TlsConfig.SYSTEM;
    Grpc server = listen(scheme + "://127.0.0.1:0", tls, PeerLimits.DEFAULT);
    for (int i = 0; i < 5; i++) {
      ManagedChannel channel = channel(server, scheme);
      try {
        assertThat(ask(channel, "sesame" + "x".repeat(7_000), LARGE)).isEqualTo("" + LARGE);
        assertThat(server.unknown()).isEmpty();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "grpcs"})
  void t10_whoIsRefusedWithALargeCallMayTryAgain(String scheme) throws IOException {
    TlsConfig tls = scheme.equals("grpcs") ? new TestTls(directory).mutual() : TlsConfig.SYSTEM;
    Grpc server = listen(scheme + "://127.0.0.1:0", tls, PeerLimits.DEFAULT);
    for (int i = 0; i < 5; i++) {
      ManagedChannel channel = channel(server, scheme);
      try {
        assertThat(refusal(channel, LARGE)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal(channel, 100)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(ask(channel, "sesame", LARGE)).isEqualTo("" + LARGE);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void t10_whoOnlyAsksForHealthMayGoOn() throws IOException {
    Grpc server = listen();
    ManagedChannel channel = channel(server, "grpc");
    try {
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      for (int i = 0; i < 1_000; i++) {
        health
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(HealthCheckRequest.newBuilder().setService("carrick.v1.Carrick").build());
      }
      assertThat(server.unknown()).hasSize(1);
    } finally {
      channel.shutdownNow();
    }
  }

  private static Status.Code refusal(ManagedChannel channel, int bytes) {
    try {
      return Status.Code.valueOf(ask(channel, "open", bytes));
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private ManagedChannel channel(Grpc server, String scheme) throws IOException {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", server.port());
    return (scheme.equals("grpcs")
            ? builder.sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(directory.resolve("ca.pem").toFile())
                    .keyManager(
                        directory.resolve("both.pem").toFile(),
                        directory.resolve("both-key.pem").toFile())
                    .build())
            : builder.usePlaintext())
        .build();
  }

  private static String ask(ManagedChannel channel, String token, int bytes) {
    Metadata metadata = new Metadata();
    metadata.put(AUTHORIZATION, "Bearer " + token);
    Reply reply =
        ClientCalls.blockingUnaryCall(
            ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
            PlainMethods.REQUEST,
            CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
            Call.newBuilder()
                .setTopic("size")
                .setPayload(ByteString.copyFrom(new byte[bytes]))
                .build());
    return reply.getPayload().toStringUtf8();
  }
}
