package io.carrick.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.TransportConfig;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is no message, or too large a one, at each plain method: the call ends, and nobody writes.
 */
@Timeout(60)
final class GrpcBadMessagesTest {

  private static final byte[] GARBAGE = {0x0a, 0x7f, 1}; // A field of 127 bytes that has one.

  private final Grpc grpc = new Grpc();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", grpc.port()).usePlaintext().build();
  private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
  private final Handler handler = new Recording();

  @BeforeEach
  void listen() {
    Logger.getLogger("").addHandler(handler);
  }

  @AfterEach
  void close() {
    Logger.getLogger("").removeHandler(handler);
    channel.shutdownNow();
    grpc.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Request", "Send", "Publish", "Stream", "Subscribe", "Channel", "Serve"})
  void garbageIsAnInvalidArgument(String method) throws Exception {
    assertThat(end(method, GARBAGE).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(logged).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Request", "Send", "Publish", "Stream", "Subscribe", "Channel", "Serve"})
  void anOversizedMessageExhaustsAResource(String method) throws Exception {
    Status status =
        end(
            method,
            new byte[TransportConfig.DEFAULT_MESSAGE_BYTES + Limits.AROUND_MESSAGE_BYTES + 1]);

    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(logged).isEmpty();
  }

  private Status end(String method, byte[] message) throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("carrick.v1.Carrick/" + method)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build(),
            CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.sendMessage(message);
    call.halfClose();
    call.request(1);
    return end.get(20, TimeUnit.SECONDS);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final class Recording extends Handler {

    @Override
    public void publish(LogRecord record) {
      logged.add(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
