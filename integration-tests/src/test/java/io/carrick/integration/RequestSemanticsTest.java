package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ContentTypes;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@OverEachTransportAndBroker
final class RequestSemanticsTest extends Semantics {

  RequestSemanticsTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void recordsTravelBothWays() {
    server.handle("orders/create", Order.class, o -> new Receipt(o.id(), o.count() * 10L));

    Receipt receipt = await(remote.request("orders/create", new Order("A-17", 3), Receipt.class));

    assertThat(receipt).isEqualTo(new Receipt("A-17", 30));
  }

  @Test
  void textTravelsAsItIs() {
    server.handle("test/echo", String.class, text -> text + "!");

    assertThat(await(remote.request("test/echo", "Grüße, 世界 🌍", String.class)))
        .isEqualTo("Grüße, 世界 🌍!");
  }

  @Test
  void bytesTravelAsTheyAre() {
    server.handle("test/echo", byte[].class, bytes -> bytes);
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }

    assertThat(await(remote.request("test/echo", all, byte[].class))).isEqualTo(all);
  }

  @Test
  void messagesTravelUndecodedWithTheirHeaders() {
    CompletableFuture<Message> seen = new CompletableFuture<>();
    server.handle(
        "test/raw",
        Message.class,
        message -> {
          seen.complete(message);
          return Message.of("application/x-answer", new byte[] {9})
              .withHeaders(Headers.of("color", "blue").with("color", "grün"));
        });
    Message question = Message.of("application/x-question", new byte[] {1, 2});

    Message reply =
        await(
            remote
                .with(CallOptions.DEFAULT.withHeader("Trace-Id", "abc"))
                .request("test/raw", question, Message.class));

    assertThat(await(seen).topic()).isEqualTo("test/raw");
    assertThat(await(seen).contentType()).isEqualTo("application/x-question");
    assertThat(await(seen).toByteArray()).containsExactly(1, 2);
    assertThat(await(seen).headers().first("trace-id")).contains("abc");
    assertThat(reply.contentType()).isEqualTo("application/x-answer");
    assertThat(reply.toByteArray()).containsExactly(9);
    assertThat(reply.headers()).isEqualTo(Headers.of("color", "blue").with("color", "grün"));
  }

  @Test
  void emptyPayloadsTravel() {
    server.handle("test/text", String.class, text -> text);
    server.handle("test/bytes", byte[].class, bytes -> bytes);
    server.handle("test/message", Message.class, message -> message);

    assertThat(await(remote.request("test/text", "", String.class))).isEmpty();
    assertThat(await(remote.request("test/bytes", new byte[0], byte[].class))).isEmpty();
    assertThat(await(remote.request("test/message", Message.empty(), Message.class)).size())
        .isZero();
  }

  @Test
  void aRecordIsSentAsTheContentTypeThatIsAskedFor() {
    CompletableFuture<String> type = new CompletableFuture<>();
    server.handle(
        "test/type",
        String.class,
        (String text, Call call) -> {
          type.complete(call.message().contentType());
          return text;
        });

    await(
        remote
            .with(CallOptions.DEFAULT.withContentType(ContentTypes.JSON))
            .request("test/type", "in quotes", String.class));

    assertThat(await(type)).isEqualTo(ContentTypes.JSON);
  }

  @Test
  void manyRequestsAtATimeGetEachItsOwnReply() {
    server.handle("test/square", Integer.class, n -> (long) n * n);

    List<CompletableFuture<Long>> replies =
        IntStream.range(0, 256)
            .mapToObj(n -> remote.request("test/square", n, Long.class))
            .toList();

    for (int n = 0; n < 256; n++) {
      assertThat(await(replies.get(n))).isEqualTo((long) n * n);
    }
  }

  @Test
  void requestsRunAtATime() {
    AtomicInteger inside = new AtomicInteger();
    server.handle(
        "test/meet",
        Integer.class,
        n -> {
          inside.incrementAndGet();
          gate.pass();
          return n;
        });

    List<CompletableFuture<Integer>> replies =
        IntStream.range(0, 32)
            .mapToObj(n -> remote.request("test/meet", n, Integer.class))
            .toList();

    Await.until("32 handlers run", () -> inside.get() == 32);
    gate.open();
    replies.forEach(Semantics::await);
  }

  @Test
  void aHandlerMayAnswerLater() {
    CompletableFuture<Order> asked = new CompletableFuture<>();
    CompletableFuture<String> answer = new CompletableFuture<>();
    server.handleAsync(
        "test/later",
        Order.class,
        (order, call) -> {
          asked.complete(order);
          return answer;
        });

    CompletableFuture<String> reply = remote.request("test/later", new Order("B", 1), String.class);
    await(asked);
    assertThat(reply).isNotDone();
    answer.complete("now");

    assertThat(await(reply)).isEqualTo("now");
  }

  @Test
  void aNonBlockingHandlerAnswers() {
    server
        .with(HandlerOptions.nonBlocking())
        .handle("test/fast", Integer.class, (Integer n) -> n + 1);

    assertThat(await(remote.request("test/fast", 1, Integer.class))).isEqualTo(2);
  }

  @Test
  void aHandlerCallsItsCallerBack() {
    client.handle("client/name", String.class, question -> question + " Ada");
    server.handle(
        "test/greet",
        String.class,
        (String text, Call call) ->
            text + call.peer().request("client/name", " dear", String.class).join());

    assertThat(await(remote.request("test/greet", "Hello", String.class)))
        .isEqualTo("Hello dear Ada");
  }

  @Test
  void theFailureThatAHandlerChoosesReachesTheCallerWhole() {
    server.handle(
        "test/fail",
        String.class,
        text -> {
          throw new CallException(
              StatusCode.ALREADY_EXISTS, "order " + text + " is there", Map.of("id", text));
        });

    CallException failure =
        Failures.in(remote.request("test/fail", "A-17", String.class), CallException.class);

    Failures.check(failure, StatusCode.ALREADY_EXISTS, Delivered.YES, "order A-17 is there");
    assertThat(failure.details()).containsExactly(Map.entry("id", "A-17"));
    assertThat(failure.retrySafe()).isFalse();
  }

  @Test
  void whatElseAHandlerThrowsTellsNothingOfItsInternals() {
    server.handle(
        "test/fail",
        String.class,
        text -> {
          throw new IllegalStateException("secret of the service");
        });

    CallException failure =
        Failures.in(remote.request("test/fail", "x", String.class), CallException.class);

    Failures.check(failure, StatusCode.UNKNOWN, Delivered.YES, "test/fail");
    assertThat(failure.getMessage()).doesNotContain("secret");
    assertThat(failure.retrySafe()).isFalse();
  }

  @Test
  void aFailedStageIsTheFailureOfTheCall() {
    server.handleAsync(
        "test/fail",
        String.class,
        (text, call) ->
            CompletableFuture.failedFuture(new CallException(StatusCode.NOT_FOUND, "no " + text)));

    Failures.in(
        remote.request("test/fail", "Ada", String.class),
        StatusCode.NOT_FOUND,
        Delivered.YES,
        "no Ada");
  }

  @Test
  void aTopicWithoutAHandlerIsNotDelivered() {
    CallException failure =
        Failures.in(remote.request("no/such", "x", String.class), CallException.class);

    Failures.check(failure, StatusCode.UNIMPLEMENTED, Delivered.NO, "no/such");
    assertThat(failure.retrySafe()).isFalse();
  }

  @Test
  void aClosedRegistrationAnswersNoMore() {
    var registration = server.handle("test/echo", String.class, text -> text);
    await(remote.request("test/echo", "x", String.class));

    registration.close();

    Failures.in(
        remote.request("test/echo", "x", String.class),
        StatusCode.UNIMPLEMENTED,
        Delivered.NO,
        "test/echo");
    server.handle("test/echo", String.class, text -> text + "2");
    assertThat(await(remote.request("test/echo", "x", String.class))).isEqualTo("x2");
  }

  @Test
  void aBodyThatDoesNotParseIsRefusedBeforeTheHandler() {
    AtomicInteger calls = new AtomicInteger();
    server.handle("test/order", Order.class, order -> calls.incrementAndGet());

    Failures.in(
        remote.request(
            "test/order", Message.of(ContentTypes.JSON, new byte[] {'{', '"'}), String.class),
        StatusCode.INVALID_ARGUMENT,
        Delivered.NO,
        "Order",
        "application/json");
    assertThat(calls).hasValue(0);
  }

  @Test
  void aReplyThatDoesNotParseWasDelivered() {
    server.handle(
        "test/odd", String.class, text -> Message.of(ContentTypes.JSON, new byte[] {'['}));

    CodecException failure =
        Failures.in(remote.request("test/odd", "x", Order.class), CodecException.class);

    Failures.check(failure, StatusCode.INVALID_ARGUMENT, Delivered.YES, "Order");
    assertThat(failure.retrySafe()).isFalse();
  }

  @Test
  void callsBeyondTheHandlersLimitsAreRefusedAndSafeToRetry() {
    AtomicInteger begun = new AtomicInteger();
    server
        .with(HandlerOptions.DEFAULT.withConcurrency(2).withWaiting(3))
        .handle(
            "test/slow",
            Integer.class,
            (Integer n) -> {
              begun.incrementAndGet();
              gate.pass();
              return n;
            });
    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      replies.add(remote.request("test/slow", n, Integer.class));
    }

    for (int n = 5; n < 8; n++) {
      OverloadedException refused = Failures.in(replies.get(n), OverloadedException.class);
      Failures.check(
          refused, StatusCode.RESOURCE_EXHAUSTED, Delivered.NO, "test/slow", "concurrency");
      assertThat(refused.retrySafe()).isTrue();
    }
    assertThat(begun).hasValueLessThanOrEqualTo(2);
    gate.open();
    for (int n = 0; n < 5; n++) {
      assertThat(await(replies.get(n))).isEqualTo(n);
    }
  }
}
