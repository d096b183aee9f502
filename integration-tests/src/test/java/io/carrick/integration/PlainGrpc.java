package io.carrick.integration;

import com.google.protobuf.ByteString;
import io.carrick.Authorizer;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A service that listens over gRPC, and a program with nothing but generated stubs. */
final class PlainGrpc implements AutoCloseable {

  final Messenger orders;
  final ManagedChannel channel;
  final CarrickGrpc.CarrickBlockingStub blocking;
  final CarrickGrpc.CarrickStub stub;
  private final String memory = "memory:" + UUID.randomUUID();
  private final Messenger web = Messenger.builder("web").build();

  PlainGrpc() {
    this("", (principal, action, topic) -> true);
  }

  PlainGrpc(String query, Authorizer authorizer) {
    orders =
        Messenger.builder("orders")
            .listen("grpc://127.0.0.1:0" + query)
            .listen(memory)
            .authorizer(authorizer)
            .build();
    channel = connect();
    blocking = CarrickGrpc.newBlockingStub(channel);
    stub = CarrickGrpc.newStub(channel);
  }

  /** A service of the SDK that calls this one. */
  Remote remote() {
    return web.connect(memory);
  }

  /** Another connection, to be shut down by whoever asks for it. */
  ManagedChannel connect() {
    return connect(NettyChannelBuilder.DEFAULT_FLOW_CONTROL_WINDOW);
  }

  ManagedChannel connect(int windowBytes) {
    return NettyChannelBuilder.forTarget(orders.endpoints().get(0).replace("grpc://", "dns:///"))
        .flowControlWindow(windowBytes)
        .usePlaintext()
        .build();
  }

  /**
   * The 99th percentile of so many requests one after the other, in microseconds; none may fail.
   */
  static long p99Micros(ManagedChannel channel, int requests) {
    CarrickGrpc.CarrickBlockingStub stub = CarrickGrpc.newBlockingStub(channel);
    long[] micros = new long[requests];
    for (int i = 0; i < requests; i++) {
      long start = System.nanoTime();
      stub.withDeadlineAfter(10, TimeUnit.SECONDS).request(call("echo", "x"));
      micros[i] = (System.nanoTime() - start) / 1_000;
    }
    Arrays.sort(micros);
    return micros[requests * 99 / 100];
  }

  static Call call(String topic, String text) {
    return Call.newBuilder()
        .setTopic(topic)
        .setContentType("text/plain")
        .setPayload(ByteString.copyFromUtf8(text))
        .build();
  }

  /** A trailer of a failure. */
  static String trailer(StatusRuntimeException e, String name) {
    Metadata trailers = e.getTrailers();
    return trailers == null
        ? "no trailers"
        : String.valueOf(trailers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    web.close();
    orders.close();
    channel.awaitTermination(5, TimeUnit.SECONDS);
  }
}
