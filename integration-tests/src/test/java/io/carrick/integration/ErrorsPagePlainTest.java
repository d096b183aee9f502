package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.carrick.CallException;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** docs/errors.md as programs without the SDK see it: status and trailers of plain gRPC. */
final class ErrorsPagePlainTest {

  private static final Set<String> ALL =
      Set.of("Request", "Send", "Publish", "Stream", "Channel", "Subscribe");
  private static final Set<String> WITH_HANDLER = Set.of("Request", "Send", "Stream", "Channel");
  private static final Set<String> WITH_REPLY = Set.of("Request", "Stream", "Channel");
  private static final Set<String> DECODED_FIRST = Set.of("Request", "Send", "Stream");

  private record Named(String name) {}

  private PlainGrpc grpc;

  @AfterEach
  void close() throws InterruptedException {
    grpc.close();
  }

  private void start(boolean allowed) {
    grpc = new PlainGrpc("", (principal, action, topic) -> allowed);
  }

  private <T> void handleWith(Class<T> type, RuntimeException thrown) {
    grpc.orders.handle(
        "topic",
        type,
        value -> {
          throw thrown;
        });
    grpc.orders.handleSend("topic", type, value -> {});
    grpc.orders.handleStream(
        "topic",
        type,
        value -> {
          throw thrown;
        });
    grpc.orders.handleChannel(
        "topic",
        type,
        (values, call) -> {
          throw thrown;
        });
  }

  private StatusRuntimeException failure(String method, Call call) {
    Replies replies = new Replies();
    switch (method) {
      case "Request" -> {
        return unary(() -> grpc.blocking.request(call));
      }
      case "Send" -> {
        return unary(() -> grpc.blocking.send(call));
      }
      case "Publish" -> {
        return unary(() -> grpc.blocking.publish(call));
      }
      case "Stream" -> grpc.stub.stream(call, replies);
      case "Subscribe" -> grpc.stub.subscribe(call, replies);
      default -> {
        StreamObserver<Call> values = grpc.stub.channel(replies);
        values.onNext(Call.newBuilder().setTopic(call.getTopic()).build());
      }
    }
    return replies.failure();
  }

  private static StatusRuntimeException unary(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(thrown).as("a failure").isNotNull();
    return thrown;
  }

  private void each(
      Set<String> methods, Call call, Status.Code code, String delivered, String retry) {
    Map<String, String> seen = new LinkedHashMap<>();
    Map<String, String> expected = new LinkedHashMap<>();
    for (String method : methods) {
      StatusRuntimeException failure = failure(method, call);
      expected.put(method, code + " " + delivered + " " + retry);
      seen.put(
          method,
          failure.getStatus().getCode()
              + " "
              + PlainGrpc.trailer(failure, "carrick-delivered")
              + " "
              + PlainGrpc.trailer(failure, "carrick-retry"));
    }
    assertThat(seen).isEqualTo(expected);
    assertThat(ErrorsPage.codes()).contains(code.toString());
  }

  @Test
  void theHandlerThrewACallException() {
    start(true);
    handleWith(String.class, new CallException(StatusCode.NOT_FOUND, "no order 7"));

    each(WITH_REPLY, PlainGrpc.call("topic", "x"), Status.Code.NOT_FOUND, "yes", "unsafe");
  }

  @Test
  void theHandlerThrewSomethingElse() {
    start(true);
    handleWith(String.class, new IllegalStateException("secret"));

    each(WITH_REPLY, PlainGrpc.call("topic", "x"), Status.Code.UNKNOWN, "yes", "unsafe");
  }

  @Test
  void theAuthorizerRefused() {
    start(false);

    each(ALL, PlainGrpc.call("topic", "x"), Status.Code.PERMISSION_DENIED, "no", "unsafe");
  }

  @Test
  void nobodyHandlesIt() {
    start(true);

    each(WITH_HANDLER, PlainGrpc.call("topic", "x"), Status.Code.UNIMPLEMENTED, "no", "unsafe");
  }

  @Test
  void theBodyDoesNotParse() {
    start(true);
    handleWith(Named.class, new IllegalStateException("the handler was called"));

    each(DECODED_FIRST, json("{{"), Status.Code.INVALID_ARGUMENT, "no", "unsafe");
  }

  @Test
  void theBodyPassesALimitOfTheCodec() {
    start(true);
    handleWith(Named.class, new IllegalStateException("the handler was called"));

    each(
        DECODED_FIRST,
        json("{\"name\":\"" + "x".repeat(1_048_577) + "\"}"),
        Status.Code.INVALID_ARGUMENT,
        "no",
        "unsafe");
  }

  @Test
  void theTopicIsNone() {
    start(true);

    each(ALL, PlainGrpc.call("a//b", "x"), Status.Code.INVALID_ARGUMENT, "no", "unsafe");
  }

  private static Call json(String body) {
    return Call.newBuilder()
        .setTopic("topic")
        .setContentType("application/json")
        .setPayload(ByteString.copyFromUtf8(body))
        .build();
  }
}
