package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Authorizer;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Incoming;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.ToResponder;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs with generated stubs that answer topics, and services of the SDK that call them. */
@Timeout(30)
final class GrpcServeTest {

  private final PlainGrpc grpc =
      new PlainGrpc(
          "",
          (principal, action, topic) ->
              action != Authorizer.Action.SERVE || !topic.startsWith("internal/"));
  private final Remote remote = grpc.remote();
  private final ManagedChannel own = grpc.connect();
  private final ForeignResponder responder = ForeignResponder.of(own);

  @AfterEach
  void close() throws InterruptedException {
    own.shutdownNow();
    grpc.close();
  }

  private CompletableFuture<String> request(String text) {
    return remote.request("t", text, String.class);
  }

  private static MessagingException failure(CompletableFuture<?> call) {
    return (MessagingException) Await.failure(call, Await.LONG_ENOUGH);
  }

  @Test
  void aRequestIsAnsweredByTheProgram() {
    responder.serving(Kind.REQUEST, "t");

    CompletableFuture<Message> reply =
        remote
            .with(CallOptions.DEFAULT.withHeader("tenant", "acme"))
            .request("t", "hello", Message.class);
    Incoming call = responder.nextCall();
    responder.answer(call.getCall(), "world");

    assertThat(Await.result(reply).text()).isEqualTo("world");
    assertThat(call.getKind()).isEqualTo(Kind.REQUEST);
    assertThat(call.getTopic()).isEqualTo("t");
    assertThat(call.getPayload().toStringUtf8()).isEqualTo("hello");
    assertThat(call.getContentType()).isEqualTo("text/plain");
    assertThat(call.getHeaders(0).getName()).isEqualTo("tenant");
    assertThat(call.getTimeoutMillis()).isBetween(20_000L, 30_000L);
    assertThat(call.getCaller()).startsWith("memory:");
  }

  @Test
  void aProgramCallsWhatAnotherServes() {
    responder.serving(Kind.REQUEST, "t");
    Replies replies = new Replies();

    grpc.stub.request(PlainGrpc.call("t", "ping"), replies);
    responder.answer(responder.nextCall().getCall(), "pong");

    assertThat(replies.nextText()).isEqualTo("pong");
    Await.result(replies.end());
  }

  @Test
  void aFailureReachesTheCallerAsTheProgramSays() {
    responder.serving(Kind.REQUEST, "t");

    CompletableFuture<String> reply = request("x");
    responder.fail(responder.nextCall().getCall(), 5, "no such order");

    MessagingException e = failure(reply);
    assertThat(e).isInstanceOf(CallException.class).hasMessage("no such order");
    assertThat(e.code()).isEqualTo(StatusCode.NOT_FOUND);
    assertThat(e.details()).containsEntry("by", "a stub");
    assertThat(e.delivered()).isEqualTo(Delivered.YES);
  }

  @Test
  void aStreamHasNoMoreItemsThanItsCallerTakes() {
    responder.serving(Kind.STREAM, "t");
    Items<String> items = Items.asking(2);

    remote.stream("t", "q", String.class).subscribe(items);
    long id = responder.nextCall().getCall();
    ToResponder first = responder.next();
    assertThat(first.getDemand().getCall()).isEqualTo(id);
    long granted = first.getDemand().getItems();
    for (int i = 0; i < granted; i++) {
      responder.answer(id, "item " + i);
    }
    items.awaitCount(2);
    items.request(1_000);
    ToResponder more = responder.next();
    assertThat(more.getDemand().getItems()).isGreaterThan(granted);
    responder.finish(id);

    assertThat(items.complete()).hasSize((int) granted).startsWith("item 0", "item 1");
  }

  @Test
  void anItemThatNobodyAskedForFailsItsCallOnly() {
    responder.serving(Kind.STREAM, "t");
    Items<String> items = Items.asking(1);
    remote.stream("t", "q", String.class).subscribe(items);
    long id = responder.nextCall().getCall();
    long granted = responder.next().getDemand().getItems();

    for (int i = 0; i <= granted; i++) {
      responder.answer(id, "item");
    }
    ToResponder told = responder.next();

    assertThat(told.getWithdrawn().getCode()).isEqualTo(StatusCode.INTERNAL.number());
    items.request(1_000);
    assertThat(items.failure(CallException.class))
        .hasMessageContaining("that Demand had not asked for");
    responder.serving(Kind.REQUEST, "other");
  }

  @Test
  void aCancelledStreamIsWithdrawn() {
    responder.serving(Kind.STREAM, "t");
    Items<String> items = Items.asking(1);
    remote.stream("t", "q", String.class).subscribe(items);
    long id = responder.nextCall().getCall();
    responder.next();

    items.cancel();

    ToResponder told = responder.next();
    assertThat(told.getWithdrawn().getCall()).isEqualTo(id);
    assertThat(told.getWithdrawn().getCode()).isEqualTo(StatusCode.CANCELLED.number());
  }

  @Test
  void sendsComeInOrderAndTheirSendersDoNotWait() {
    responder.serving(Kind.SEND, "t");

    for (int i = 0; i < 100; i++) {
      Await.result(remote.send("t", Integer.toString(i)));
    }

    for (int i = 0; i < 100; i++) {
      Incoming call = responder.nextCall();
      assertThat(call.getPayload().toStringUtf8()).isEqualTo(Integer.toString(i));
      responder.finish(call.getCall());
    }
  }

  @Test
  void t11_aProgramThatFinishesNoSendIsGivenNoMoreThanItsLimits() {
    responder.serving(Kind.SEND, "t", 4);
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 4 + 256 + 10; i++) {
      sends.add(remote.send("t", "x"));
    }

    MessagingException e = failure(sends.get(sends.size() - 1));

    assertThat(e).isInstanceOf(OverloadedException.class);
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
    assertThat(responder.waiting()).isLessThanOrEqualTo(4 + 256);
  }

  @Test
  void t11_requestsBeyondItsConcurrencyWaitAndThoseBeyondTheQueueAreRefused() {
    responder.serving(Kind.REQUEST, "t", 2);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 2 + 256 + 1; i++) {
      calls.add(request(Integer.toString(i)));
    }
    Await.until("the last one is refused", () -> calls.stream().anyMatch(c -> c.isDone()));

    Incoming first = responder.nextCall();
    Incoming second = responder.nextCall();
    assertThat(responder.waiting()).isZero();
    responder.answer(first.getCall(), "1");
    Incoming third = responder.nextCall();

    assertThat(third.getCall()).isEqualTo(second.getCall() + 1);
    assertThat(calls.stream().filter(CompletableFuture::isCompletedExceptionally)).hasSize(1);
  }

  @Test
  void aProgramThatNeverAnswersCostsItsCallerTheDeadline() {
    responder.serving(Kind.REQUEST, "t");

    CompletableFuture<String> reply =
        remote
            .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(200)))
            .request("t", "x", String.class);

    assertThat(failure(reply)).isInstanceOf(DeadlineExceededException.class);
    long id = responder.nextCall().getCall();
    assertThat(responder.next().getWithdrawn().getCall()).isEqualTo(id);
    responder.answer(id, "too late");
    CompletableFuture<String> next = request("y");
    responder.answer(responder.nextCall().getCall(), "in time");
    assertThat(Await.result(next)).isEqualTo("in time");
  }

  @Test
  void aSecondAnswerIsIgnored() {
    responder.serving(Kind.REQUEST, "t");
    CompletableFuture<String> reply = request("x");
    long id = responder.nextCall().getCall();

    responder.answer(id, "first");
    responder.answer(id, "second");
    responder.finish(id);
    responder.fail(id, 13, "third");

    assertThat(Await.result(reply)).isEqualTo("first");
    responder.serving(Kind.REQUEST, "other");
  }

  @Test
  void aProgramThatDiesFailsItsCallsAndFreesItsTopics() {
    responder.serving(Kind.REQUEST, "t").serving(Kind.STREAM, "t");
    CompletableFuture<String> reply = request("x");
    Items<String> items = Items.of(remote.stream("t", "q", String.class));
    for (int calls = 0; calls < 2; ) {
      // The stream may come first, and what it demands before the request.
      calls += responder.next().hasIncoming() ? 1 : 0;
    }

    own.shutdownNow();

    MessagingException e = failure(reply);
    assertThat(e.code()).isEqualTo(StatusCode.UNAVAILABLE);
    assertThat(e.delivered()).isEqualTo(Delivered.YES);
    assertThat(e).hasMessageContaining("the program that served t went away");
    assertThat(items.failure(CallException.class).code()).isEqualTo(StatusCode.UNAVAILABLE);
    assertThat(failure(request("y")).code()).isEqualTo(StatusCode.UNIMPLEMENTED);
    ForeignResponder.of(grpc.channel).serving(Kind.REQUEST, "t").serving(Kind.STREAM, "t");
  }

  @Test
  void aProgramThatHalfClosesIsToldThatAllIsOver() {
    responder.serving(Kind.REQUEST, "t");
    CompletableFuture<String> reply = request("x");
    responder.nextCall();

    responder.call().onCompleted();

    assertThat(failure(reply).code()).isEqualTo(StatusCode.UNAVAILABLE);
    Await.result(responder.end());
  }

  @Test
  void aTopicGivenUpHasNoMoreCallsAndThoseThatAreOpenGoOn() {
    responder.serving(Kind.REQUEST, "t");
    CompletableFuture<String> reply = request("x");
    long id = responder.nextCall().getCall();

    responder.unregister(Kind.REQUEST, "t");
    responder.serving(Kind.REQUEST, "other");
    assertThat(failure(request("y")).code()).isEqualTo(StatusCode.UNIMPLEMENTED);
    responder.answer(id, "done");

    assertThat(Await.result(reply)).isEqualTo("done");
  }

  @Test
  void whatCannotBeServedIsRefusedAndTheRestGoesOn() {
    grpc.orders.handle("taken", String.class, text -> text);
    responder.serving(Kind.REQUEST, "t");
    ForeignResponder other = ForeignResponder.of(grpc.channel);

    refused(other, Kind.REQUEST, "t", 0, StatusCode.ALREADY_EXISTS);
    refused(responder, Kind.REQUEST, "t", 0, StatusCode.ALREADY_EXISTS);
    refused(other, Kind.REQUEST, "taken", 0, StatusCode.ALREADY_EXISTS);
    refused(other, Kind.REQUEST, "internal/x", 0, StatusCode.PERMISSION_DENIED);
    refused(other, Kind.REQUEST, "a/+", 0, StatusCode.INVALID_ARGUMENT);
    refused(other, Kind.SUBSCRIBE, "s", 0, StatusCode.INVALID_ARGUMENT);
    refused(other, Kind.REQUEST, "s", 257, StatusCode.INVALID_ARGUMENT);
    other.serving(Kind.STREAM, "t");
    for (int i = 0; i < 63; i++) {
      other.serving(Kind.REQUEST, "many/" + i);
    }
    refused(other, Kind.REQUEST, "many/63", 0, StatusCode.RESOURCE_EXHAUSTED);
    CompletableFuture<String> reply = request("x");
    responder.answer(responder.nextCall().getCall(), "still here");
    assertThat(Await.result(reply)).isEqualTo("still here");
  }

  private static void refused(
      ForeignResponder who, Kind kind, String topic, int concurrency, StatusCode code) {
    who.register(kind, topic, concurrency);
    ToResponder answer = who.next();
    assertThat(answer.getRefused().getTopic()).isEqualTo(topic);
    assertThat(StatusCode.of(answer.getRefused().getCode()))
        .as(answer.getRefused().getMessage())
        .isEqualTo(code);
  }

  @Test
  void anAnswerToACallThatNeverWasEndsTheProgramsStream() {
    responder.serving(Kind.REQUEST, "t");

    responder.answer(77, "surprise");

    assertThat(responder.failure().getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure(request("x")).code()).isEqualTo(StatusCode.UNIMPLEMENTED);
  }

  @Test
  void aReplyWithHeadersThatAreNoneFailsItsCall() {
    responder.serving(Kind.REQUEST, "t");
    CompletableFuture<String> reply = request("x");
    long id = responder.nextCall().getCall();

    responder.say(
        io.carrick.wire.v1.FromResponder.newBuilder()
            .setAnswer(
                io.carrick.wire.v1.Answer.newBuilder()
                    .setCall(id)
                    .setReply(
                        io.carrick.wire.v1.Reply.newBuilder()
                            .addHeaders(
                                io.carrick.wire.v1.Header.newBuilder().setName("bad name")))));

    assertThat(failure(reply).code()).isEqualTo(StatusCode.INTERNAL);
  }

  @Test
  void aMessageThatNoProgramTakesByDefaultIsRefusedAndTheProgramLives() {
    responder.serving(Kind.REQUEST, "t");

    MessagingException e = failure(remote.request("t", new byte[5 * 1024 * 1024], String.class));

    assertThat(e).isInstanceOf(OverloadedException.class).hasMessageContaining("5242880 bytes");
    assertThat(e.delivered()).isEqualTo(Delivered.NO);
    CompletableFuture<String> reply = request("x");
    responder.answer(responder.nextCall().getCall(), "still here");
    assertThat(Await.result(reply)).isEqualTo("still here");
  }

  @Test
  void t11_aProgramThatNeverReadsHoldsAMebibyteAndOthersAreUntouched() {
    ForeignResponder deaf = ForeignResponder.deaf(grpc.channel);
    deaf.register(Kind.REQUEST, "deaf", 0);
    Await.until(
        "it serves",
        () -> {
          MessagingException e =
              failure(
                  remote
                      .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(50)))
                      .request("deaf", "", String.class));
          return e.code() == StatusCode.DEADLINE_EXCEEDED;
        });
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(remote.request("deaf", new byte[64 * 1024], String.class));
    }
    Await.until(
        "what is too much is refused",
        () -> calls.stream().filter(CompletableFuture::isCompletedExceptionally).count() > 100);

    MessagingException e =
        failure(calls.stream().filter(CompletableFuture::isCompletedExceptionally).findAny().get());
    assertThat(e).isInstanceOf(OverloadedException.class).hasMessageContaining("reads too slowly");
    responder.serving(Kind.REQUEST, "t");
    CompletableFuture<String> reply = request("x");
    responder.answer(responder.nextCall().getCall(), "quick");
    assertThat(Await.result(reply)).isEqualTo("quick");
  }
}
