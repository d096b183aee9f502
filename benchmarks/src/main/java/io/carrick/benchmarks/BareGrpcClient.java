package io.carrick.benchmarks;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** gRPC alone: a call for each request, or one long call for all of them. */
final class BareGrpcClient implements BenchmarkClient {

  private static final long TIMEOUT_SECONDS = 60;

  private final ManagedChannel channel;
  private final boolean unary;
  private final StreamObserver<byte[]> bidi;
  private volatile Consumer<byte[]> onReply = body -> {};

  BareGrpcClient(Path file, boolean unary) throws IOException {
    this.unary = unary;
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", PortFile.read(file))
            .usePlaintext()
            .directExecutor()
            .build();
    bidi =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(BareGrpc.BIDI, CallOptions.DEFAULT), new Replies());
  }

  private final class Replies implements StreamObserver<byte[]> {

    @Override
    public void onNext(byte[] body) {
      onReply.accept(body);
    }

    @Override
    public void onError(Throwable failure) {
      // The channel was closed, or whoever waits for a reply times out.
    }

    @Override
    public void onCompleted() {}
  }

  @Override
  public void call(byte[] body) throws Exception {
    byte[] reply;
    if (unary) {
      reply = ClientCalls.blockingUnaryCall(channel, BareGrpc.UNARY, CallOptions.DEFAULT, body);
    } else {
      CompletableFuture<byte[]> result = new CompletableFuture<>();
      onReply = result::complete;
      bidi.onNext(body);
      reply = result.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
    CarrickClient.check(reply, body.length);
  }

  @Override
  public long pipeline(byte[] body, int inFlight, long nanos) throws Exception {
    long end = System.nanoTime() + nanos;
    AtomicLong answered = new AtomicLong();
    AtomicInteger open = new AtomicInteger(inFlight);
    CompletableFuture<Long> done = new CompletableFuture<>();
    Consumer<byte[]> next =
        reply -> {
          CarrickClient.check(reply, body.length);
          answered.incrementAndGet();
          if (System.nanoTime() - end < 0) {
            send(body);
          } else if (open.decrementAndGet() == 0) {
            done.complete(answered.get());
          }
        };
    onReply = next;
    for (int i = 0; i < inFlight; i++) {
      send(body);
    }
    return done.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private void send(byte[] body) {
    if (unary) {
      ClientCalls.asyncUnaryCall(
          channel.newCall(BareGrpc.UNARY, CallOptions.DEFAULT), body, new Replies());
    } else {
      synchronized (bidi) {
        bidi.onNext(body);
      }
    }
  }

  @Override
  public void stream(int items, int itemBytes) {
    byte[] query = ByteBuffer.allocate(2 * Integer.BYTES).putInt(items).putInt(itemBytes).array();
    Iterator<byte[]> stream =
        ClientCalls.blockingServerStreamingCall(
            channel, BareGrpc.STREAM, CallOptions.DEFAULT, query);
    int taken = 0;
    for (; stream.hasNext(); taken++) {
      CarrickClient.check(stream.next(), itemBytes);
    }
    if (taken != items) {
      throw new IllegalStateException("got " + taken + " items instead of " + items);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
