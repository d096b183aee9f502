package io.carrick.benchmarks;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** gRPC alone, its handlers on the event loop. */
final class BareGrpcServer implements BenchmarkServer {

  private final Path file;
  private final Server server;

  BareGrpcServer(Path file) throws IOException {
    this.file = file;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder(BareGrpc.SERVICE)
                    .addMethod(BareGrpc.UNARY, ServerCalls.asyncUnaryCall(BareGrpcServer::answer))
                    .addMethod(
                        BareGrpc.BIDI, ServerCalls.asyncBidiStreamingCall(BareGrpcServer::echo))
                    .addMethod(
                        BareGrpc.STREAM,
                        ServerCalls.asyncServerStreamingCall(BareGrpcServer::stream))
                    .build())
            .build()
            .start();
    PortFile.write(file, server.getPort());
  }

  private static void answer(byte[] body, StreamObserver<byte[]> caller) {
    caller.onNext(body);
    caller.onCompleted();
  }

  private static StreamObserver<byte[]> echo(StreamObserver<byte[]> caller) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] body) {
        caller.onNext(body);
      }

      @Override
      public void onError(Throwable failure) {
        // The client has gone.
      }

      @Override
      public void onCompleted() {
        caller.onCompleted();
      }
    };
  }

  private static void stream(byte[] query, StreamObserver<byte[]> caller) {
    ByteBuffer numbers = ByteBuffer.wrap(query);
    int items = numbers.getInt();
    byte[] item = new byte[numbers.getInt()];
    ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) caller;
    call.setOnReadyHandler(
        new Runnable() {
          private int sent;

          @Override
          public void run() {
            while (sent < items && call.isReady()) {
              sent++;
              call.onNext(item);
              if (sent == items) {
                call.onCompleted();
              }
            }
          }
        });
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
    Files.deleteIfExists(file);
  }
}
