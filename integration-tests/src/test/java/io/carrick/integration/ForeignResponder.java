package io.carrick.integration;

import com.google.protobuf.ByteString;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Answer;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Failure;
import io.carrick.wire.v1.Finish;
import io.carrick.wire.v1.FromResponder;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Incoming;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Register;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import io.carrick.wire.v1.Unregister;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A program with a generated stub that answers topics exactly as a test says. */
final class ForeignResponder implements ClientResponseObserver<FromResponder, ToResponder> {

  private final boolean reading;
  private final BlockingQueue<ToResponder> said = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final CompletableFuture<ClientCallStreamObserver<FromResponder>> call =
      new CompletableFuture<>();

  private ForeignResponder(boolean reading) {
    this.reading = reading;
  }

  static ForeignResponder of(ManagedChannel channel) {
    return begin(channel, new ForeignResponder(true));
  }

  /** One that reads nothing. */
  static ForeignResponder deaf(ManagedChannel channel) {
    return begin(channel, new ForeignResponder(false));
  }

  private static ForeignResponder begin(ManagedChannel channel, ForeignResponder responder) {
    return begin(CarrickGrpc.newStub(channel), responder);
  }

  /** One that makes its calls by this stub. */
  static ForeignResponder of(CarrickGrpc.CarrickStub stub) {
    return begin(stub, new ForeignResponder(true));
  }

  private static ForeignResponder begin(CarrickGrpc.CarrickStub stub, ForeignResponder responder) {
    stub.serve(responder);
    return responder;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<FromResponder> observer) {
    if (!reading) {
      observer.disableAutoRequestWithInitial(0);
    }
    call.complete(observer);
  }

  ClientCallStreamObserver<FromResponder> call() {
    return Await.result(call);
  }

  void say(FromResponder.Builder message) {
    call().onNext(message.build());
  }

  void register(Kind kind, String topic, int concurrency) {
    say(
        FromResponder.newBuilder()
            .setRegister(
                Register.newBuilder().setKind(kind).setTopic(topic).setConcurrency(concurrency)));
  }

  /** Registers, and waits for the answer. */
  ForeignResponder serving(Kind kind, String topic) {
    return serving(kind, topic, 0);
  }

  ForeignResponder serving(Kind kind, String topic, int concurrency) {
    register(kind, topic, concurrency);
    ToResponder answer = next();
    if (!answer.hasRegistered() || !answer.getRegistered().getTopic().equals(topic)) {
      throw new AssertionError("not registered: " + answer);
    }
    return this;
  }

  void unregister(Kind kind, String topic) {
    say(
        FromResponder.newBuilder()
            .setUnregister(Unregister.newBuilder().setKind(kind).setTopic(topic)));
  }

  ToResponder next() {
    try {
      ToResponder next = said.poll(Await.LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError("Nothing said within " + Await.LONG_ENOUGH + ", end: " + end);
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Incoming nextCall() {
    ToResponder next = next();
    if (!next.hasIncoming()) {
      throw new AssertionError("no call but " + next);
    }
    return next.getIncoming();
  }

  /** How much was said that nobody looked at. */
  int waiting() {
    return said.size();
  }

  void answer(long id, String text) {
    say(
        FromResponder.newBuilder()
            .setAnswer(
                Answer.newBuilder()
                    .setCall(id)
                    .setReply(
                        Reply.newBuilder()
                            .setContentType("text/plain")
                            .setPayload(ByteString.copyFromUtf8(text)))));
  }

  void finish(long id) {
    say(FromResponder.newBuilder().setFinish(Finish.newBuilder().setCall(id)));
  }

  void fail(long id, int code, String message) {
    say(
        FromResponder.newBuilder()
            .setFailure(
                Failure.newBuilder()
                    .setCall(id)
                    .setCode(code)
                    .setMessage(message)
                    .addDetails(Header.newBuilder().setName("by").setValue("a stub"))));
  }

  CompletableFuture<Void> end() {
    return end;
  }

  StatusRuntimeException failure() {
    return (StatusRuntimeException) Await.failure(end, Await.LONG_ENOUGH);
  }

  @Override
  public void onNext(ToResponder message) {
    said.add(message);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    end.complete(null);
  }
}
