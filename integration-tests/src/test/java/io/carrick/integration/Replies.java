package io.carrick.integration;

import io.carrick.testkit.Await;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The replies to a program with a generated stub, as many as it asks for. */
final class Replies implements ClientResponseObserver<Call, Reply> {

  private final boolean asking;
  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final CompletableFuture<ClientCallStreamObserver<Call>> call = new CompletableFuture<>();

  /** Takes all. */
  Replies() {
    this(true);
  }

  private Replies(boolean asking) {
    this.asking = asking;
  }

  /** Takes none before the test asks. */
  static Replies unasked() {
    return new Replies(false);
  }

  /** A subscription that has begun. */
  static Replies ofSubscription(PlainGrpc grpc, String filter) {
    Replies replies = new Replies();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    grpc.stub
        .withInterceptors(new ResponseHeaders(begun))
        .subscribe(Call.newBuilder().setTopic(filter).build(), replies);
    Await.result(begun);
    return replies;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Call> observer) {
    if (!asking) {
      observer.disableAutoRequestWithInitial(0);
    }
    call.complete(observer);
  }

  ClientCallStreamObserver<Call> call() {
    return Await.result(call);
  }

  Reply next() {
    try {
      Reply reply = replies.poll(Await.LONG_ENOUGH.toMillis(), TimeUnit.MILLISECONDS);
      if (reply == null) {
        throw new AssertionError("No reply within " + Await.LONG_ENOUGH + ", end: " + end);
      }
      return reply;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String nextText() {
    return next().getPayload().toStringUtf8();
  }

  /** Completes with the end of the call. */
  CompletableFuture<Void> end() {
    return end;
  }

  StatusRuntimeException failure() {
    return (StatusRuntimeException) Await.failure(end, Await.LONG_ENOUGH);
  }

  @Override
  public void onNext(Reply reply) {
    replies.add(reply);
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    end.complete(null);
  }

  /** Tells when the headers of the response are there. */
  private record ResponseHeaders(CompletableFuture<Void> there) implements ClientInterceptor {

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          super.start(
              new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata received) {
                  there.complete(null);
                  super.onHeaders(received);
                }
              },
              headers);
        }
      };
    }
  }
}
