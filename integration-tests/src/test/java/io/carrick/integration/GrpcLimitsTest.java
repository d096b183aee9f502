package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.carrick.Emitter;
import io.carrick.Messenger;
import io.carrick.OverloadedException;
import io.carrick.SecurityLevel;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a messenger was told to allow holds for calls of plain gRPC, too. */
final class GrpcLimitsTest {

  private static final int SMALL = 64 << 10;

  private Messenger service;
  private ManagedChannel channel;
  private CarrickGrpc.CarrickBlockingStub blocking;
  private CarrickGrpc.CarrickStub stub;

  private void start(Messenger.Builder builder) {
    service = builder.listen("grpc://127.0.0.1:0").build();
    service.handle("size", byte[].class, body -> String.valueOf(body.length));
    service.handle("make", String.class, size -> new byte[Integer.parseInt(size)]);
    service.handleStream(
        "make", String.class, size -> Source.of(1, i -> new byte[Integer.parseInt(size)]));
    channel =
        NettyChannelBuilder.forTarget(service.endpoints().get(0).replace("grpc://", "dns:///"))
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
    blocking = CarrickGrpc.newBlockingStub(channel);
    stub = CarrickGrpc.newStub(channel);
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    service.close();
  }

  private static Call bytes(String topic, int size) {
    return Call.newBuilder()
        .setTopic(topic)
        .setContentType("application/octet-stream")
        .setPayload(ByteString.copyFrom(new byte[size]))
        .build();
  }

  private static void isTooLarge(StatusRuntimeException failure, String delivered) {
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.getStatus().getDescription()).contains("65536", "raise", "maxMessageBytes");
    assertThat(PlainGrpc.trailer(failure, "carrick-delivered")).isEqualTo(delivered);
    assertThat(PlainGrpc.trailer(failure, "carrick-retry")).isEqualTo("unsafe");
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL + 1, SMALL + (32 << 10), 5 << 20})
  void aMessageAboveMaxMessageBytesIsNotDelivered(int size) {
    start(Messenger.builder("orders").maxMessageBytes(SMALL));
    assertThat(blocking.request(bytes("size", SMALL)).getPayload().toStringUtf8())
        .isEqualTo("65536");

    isTooLarge(failure(() -> blocking.request(bytes("size", size))), "no");
    isTooLarge(failure(() -> blocking.publish(bytes("news", size))), "no");
    Replies replies = new Replies();
    stub.stream(bytes("make", size), replies);
    isTooLarge(replies.failure(), "no");
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL + 1, 5 << 20})
  void aValueAboveMaxMessageBytesEndsItsChannelWhichMayBeDelivered(int size) {
    start(Messenger.builder("orders").maxMessageBytes(SMALL));
    Items<byte[]> values = Items.all();
    service.handleChannel(
        "count",
        byte[].class,
        (taken, call) -> {
          taken.subscribe(values);
          return Emitter.create();
        });
    Replies replies = new Replies();
    StreamObserver<Call> caller = stub.channel(replies);
    caller.onNext(Call.newBuilder().setTopic("count").build());
    caller.onNext(bytes("", SMALL));
    values.awaitCount(1);

    caller.onNext(bytes("", size));

    isTooLarge(replies.failure(), "maybe");
    assertThat(Await.failure(values.end(), Await.LONG_ENOUGH))
        .isInstanceOf(OverloadedException.class);
    assertThat(values.count()).isEqualTo(1);
  }

  @Test
  void aReplyAboveMaxMessageBytesIsRefused() {
    start(Messenger.builder("orders").maxMessageBytes(SMALL));
    assertThat(blocking.request(PlainGrpc.call("make", "65536")).getPayload().size())
        .isEqualTo(SMALL);

    isTooLarge(failure(() -> blocking.request(PlainGrpc.call("make", "65537"))), "yes");
    Replies replies = new Replies();
    stub.stream(PlainGrpc.call("make", "65537"), replies);
    isTooLarge(replies.failure(), "yes");
  }

  @Test
  void aServiceMayTakeMoreThanGrpcDoesByDefault() {
    start(Messenger.builder("orders").maxMessageBytes(8 << 20));

    assertThat(blocking.request(bytes("size", 7 << 20)).getPayload().toStringUtf8())
        .isEqualTo(String.valueOf(7 << 20));
    assertThat(blocking.request(PlainGrpc.call("make", "7000000")).getPayload().size())
        .isEqualTo(7_000_000);
  }

  @Test
  void aCallBelowTheFloorIsNotDeliveredAndIsAudited() {
    start(Messenger.builder("orders").floor(SecurityLevel.MUTUAL));
    List<String> lines = new CopyOnWriteArrayList<>();
    Logger audit = Logger.getLogger("io.carrick.audit");
    Handler handler = new Lines(lines);
    audit.addHandler(handler);
    try {
      StatusRuntimeException failure = failure(() -> blocking.request(bytes("size", 1)));

      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(PlainGrpc.trailer(failure, "carrick-delivered")).isEqualTo("no");
      assertThat(PlainGrpc.trailer(failure, "carrick-retry")).isEqualTo("unsafe");
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0)).contains("\"denied\"", "NONE", "MUTUAL");
    } finally {
      audit.removeHandler(handler);
    }
  }

  private static StatusRuntimeException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(thrown).as("a failure").isNotNull();
    return thrown;
  }

  /** Keeps what is logged. */
  private static final class Lines extends Handler {
    private final List<String> lines;

    Lines(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void publish(LogRecord line) {
      lines.add(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
