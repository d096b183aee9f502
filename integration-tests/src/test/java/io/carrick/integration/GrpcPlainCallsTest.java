package io.carrick.integration;

import static io.carrick.integration.PlainGrpc.call;
import static io.carrick.integration.PlainGrpc.trailer;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.ErrorInfo;
import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Reply;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The plain methods, called with generated stubs. */
@Timeout(30)
final class GrpcPlainCallsTest {

  private final PlainGrpc grpc = new PlainGrpc();

  @AfterEach
  void close() throws InterruptedException {
    grpc.close();
  }

  record Order(String id, int count) {}

  private StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  @Test
  void aRequestIsAnsweredInTheContentTypeItCameIn() {
    grpc.orders.handle("double", Order.class, o -> new Order(o.id(), o.count() * 2));

    Reply reply =
        grpc.blocking.request(
            call("double", "{\"id\":\"A-17\",\"count\":2}").toBuilder()
                .setContentType("application/json")
                .build());

    assertThat(reply.getContentType()).isEqualTo("application/json");
    assertThat(reply.getPayload().toStringUtf8()).isEqualTo("{\"id\":\"A-17\",\"count\":4}");
  }

  @Test
  void aRequestWithoutAContentTypeIsTakenAsTheHandlerPrefers() {
    grpc.orders.handle("upper", String.class, text -> text.toUpperCase(java.util.Locale.ROOT));

    Reply reply =
        grpc.blocking.request(call("upper", "abc").toBuilder().clearContentType().build());

    assertThat(reply.getPayload().toStringUtf8()).isEqualTo("ABC");
    assertThat(reply.getContentType()).isEqualTo("text/plain");
  }

  @Test
  void aSendArrives() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    grpc.orders.handleSend("in", String.class, seen::add);

    grpc.blocking.send(call("in", "hello"));

    assertThat(seen.poll(5, SECONDS)).isEqualTo("hello");
  }

  @Test
  void aSubscriptionTellsWhenItBeginsAndHasEachMessageWithItsTopic() {
    Replies subscribed = Replies.ofSubscription(grpc, "orders/+/shipped");
    grpc.blocking.publish(call("orders/A-17/shipped", "now"));
    grpc.blocking.publish(call("orders/A-18/lost", "never"));
    grpc.blocking.publish(call("orders/A-19/shipped", "then"));

    assertThat(subscribed.next().getTopic()).isEqualTo("orders/A-17/shipped");
    assertThat(subscribed.next().getPayload().toStringUtf8()).isEqualTo("then");
  }

  @Test
  void aPublishReachesSubscribersOfTheSdkAndBack() {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    grpc.orders.subscribe("news/#", String.class, seen::add);
    Replies subscribed = Replies.ofSubscription(grpc, "news/#");

    grpc.remote().publish("news/a", "from the SDK").join();
    grpc.blocking.publish(call("news/b", "from a stub"));

    assertThat(subscribed.next().getPayload().toStringUtf8()).isEqualTo("from the SDK");
    assertThat(subscribed.next().getPayload().toStringUtf8()).isEqualTo("from a stub");
    assertThat(seen).containsExactly("from the SDK", "from a stub");
  }

  @Test
  void aStreamGivesItsItemsAndEnds() {
    grpc.orders.handleStream(
        "count", String.class, (String n) -> Source.numbers(Long.parseLong(n)));

    Iterator<Reply> replies = grpc.blocking.stream(call("count", "1000"));

    int next = 0;
    while (replies.hasNext()) {
      assertThat(replies.next().getPayload().toStringUtf8()).isEqualTo(Integer.toString(next++));
    }
    assertThat(next).isEqualTo(1_000);
  }

  @Test
  void headersComeFromTheMessageAndBehindThemFromTheMetadata() {
    CompletableFuture<Message> seen = new CompletableFuture<>();
    grpc.orders.handle(
        "h",
        Message.class,
        m -> {
          seen.complete(m);
          return m.withHeaders(m.headers().with("reply", "yes"));
        });
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("Tenant", Metadata.ASCII_STRING_MARSHALLER), "acme");
    metadata.put(Metadata.Key.of("tenant", Metadata.ASCII_STRING_MARSHALLER), "other");
    metadata.put(
        Metadata.Key.of("trace-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1, 3});
    metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer x");
    metadata.put(Metadata.Key.of("carrick-x", Metadata.ASCII_STRING_MARSHALLER), "mine");

    Reply reply =
        grpc.blocking
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .request(
                call("h", "").toBuilder()
                    .addHeaders(Header.newBuilder().setName("own").setValue("ü"))
                    .build());

    assertThat(seen.join().headers().entries())
        .extracting(e -> e.name() + "=" + e.value())
        .containsExactly("own=ü", "tenant=acme", "tenant=other", "trace-bin=AP8D");
    assertThat(reply.getHeadersList()).extracting(Header::getName).endsWith("reply");
  }

  @Test
  void aFailureHasItsCodeItsMessageAndItsDetails() throws Exception {
    grpc.orders.handle(
        "find",
        String.class,
        id -> {
          throw new CallException(
              StatusCode.NOT_FOUND, "no order " + id + " ☂", Map.of("id", id, "shelf", "3"));
        });

    StatusRuntimeException e = failure(() -> grpc.blocking.request(call("find", "A-17")));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(e.getStatus().getDescription()).isEqualTo("no order A-17 ☂");
    assertThat(trailer(e, "carrick-delivered")).isEqualTo("yes");
    assertThat(trailer(e, "carrick-retry")).isEqualTo("unsafe");
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    assertThat(status.getCode()).isEqualTo(5);
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    assertThat(info.getReason()).isEqualTo("NOT_FOUND");
    assertThat(info.getDomain()).isEqualTo("carrick.v1.Carrick");
    assertThat(info.getMetadataMap()).isEqualTo(Map.of("id", "A-17", "shelf", "3"));
  }

  @Test
  void aFailureOfAnySizeReachesTheCaller() {
    grpc.orders.handle(
        "long",
        String.class,
        id -> {
          throw new CallException(
              StatusCode.ABORTED, "ü".repeat(50_000), Map.of("much", "x".repeat(50_000)));
        });

    StatusRuntimeException e = failure(() -> grpc.blocking.request(call("long", "")));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(e.getStatus().getDescription())
        .startsWith("üüü")
        .endsWith("...")
        .hasSizeLessThan(600);
  }

  @Test
  void whatAHandlerThrowsOtherwiseIsUnknownWithoutItsInternals() {
    grpc.orders.handle(
        "broken",
        String.class,
        id -> {
          throw new IllegalStateException("the password is swordfish");
        });

    StatusRuntimeException e = failure(() -> grpc.blocking.request(call("broken", "")));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(e.getMessage()).doesNotContain("swordfish");
  }

  @Test
  void aStreamThatFailsHasItsItemsFirst() {
    grpc.orders.handleStream(
        "half",
        String.class,
        (String q) -> Source.failing(3, new CallException(StatusCode.DATA_LOSS, "no more")));

    Iterator<Reply> replies = grpc.blocking.stream(call("half", ""));
    for (int i = 0; i < 3; i++) {
      replies.next();
    }
    StatusRuntimeException e = failure(replies::next);

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
    assertThat(trailer(e, "carrick-delivered")).isEqualTo("yes");
  }

  @Test
  void aTopicWithoutAHandlerIsUnimplementedAndNotToBeCalledAgain() {
    StatusRuntimeException e = failure(() -> grpc.blocking.request(call("nobody", "")));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(e.getStatus().getDescription()).contains("no handler for REQUEST on topic nobody");
    assertThat(trailer(e, "carrick-delivered")).isEqualTo("no");
    assertThat(trailer(e, "carrick-retry")).isEqualTo("unsafe");
  }

  @Test
  void badTopicsFiltersHeadersAndContentTypesAreInvalid() {
    List<Runnable> calls =
        List.of(
            () -> grpc.blocking.request(call("", "")),
            () -> grpc.blocking.request(call("a/+", "")),
            () -> grpc.blocking.publish(call("a//b", "")),
            () -> grpc.blocking.subscribe(call("a/#/b", "")).next(),
            () -> grpc.blocking.send(header("bad name", "x")),
            () -> grpc.blocking.send(header("name", "two\nlines")),
            () -> grpc.blocking.send(header("name", "x".repeat(8_193))),
            () ->
                grpc.blocking.send(
                    call("t", "").toBuilder().setContentType("a/b\r\nc: d").build()));

    for (Runnable call : calls) {
      StatusRuntimeException e = failure(call);
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(trailer(e, "carrick-delivered")).isEqualTo("no");
      assertThat(trailer(e, "carrick-retry")).isEqualTo("unsafe");
    }
  }

  private static Call header(String name, String value) {
    return call("t", "").toBuilder()
        .addHeaders(Header.newBuilder().setName(name).setValue(value))
        .build();
  }

  @Test
  void theDeadlineOfTheCallIsThatOfTheHandler() throws Exception {
    BlockingQueue<Long> left = new LinkedBlockingQueue<>();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    grpc.orders.handleAsync(
        "slow",
        String.class,
        (text, call) -> {
          left.add(call.remaining().orElseThrow().toMillis());
          call.onCancel(() -> cancelled.complete(null));
          return new CompletableFuture<>();
        });

    StatusRuntimeException e =
        failure(() -> grpc.blocking.withDeadlineAfter(300, MILLISECONDS).request(call("slow", "")));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(left.poll(5, SECONDS)).isBetween(1L, 300L);
    cancelled.get(5, SECONDS);
  }

  @Test
  void aRequestWithoutADeadlineHasThirtySeconds() {
    grpc.orders.handle(
        "left", String.class, (text, call) -> call.remaining().orElseThrow().toString());

    String left = grpc.blocking.request(call("left", "")).getPayload().toStringUtf8();

    assertThat(java.time.Duration.parse(left))
        .isBetween(java.time.Duration.ofSeconds(25), java.time.Duration.ofSeconds(30));
  }

  @Test
  void aCancelReachesTheHandlerOfARequestAndOfAStream() throws Exception {
    BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    grpc.orders.handleAsync(
        "slow",
        String.class,
        (text, call) -> {
          call.onCancel(() -> cancelled.add("request"));
          begun.complete(null);
          return new CompletableFuture<>();
        });
    grpc.orders.handleStream(
        "endless",
        String.class,
        (text, call) -> {
          call.onCancel(() -> cancelled.add("stream"));
          return Source.endless();
        });

    Context.CancellableContext context = Context.current().withCancellation();
    context.run(() -> grpc.stub.request(call("slow", ""), new Replies()));
    begun.get(5, SECONDS);
    context.cancel(null);
    assertThat(cancelled.poll(5, SECONDS)).isEqualTo("request");

    Context.CancellableContext second = Context.current().withCancellation();
    second.run(() -> grpc.blocking.stream(call("endless", "")).next());
    second.cancel(null);
    assertThat(cancelled.poll(5, SECONDS)).isEqualTo("stream");
  }
}
