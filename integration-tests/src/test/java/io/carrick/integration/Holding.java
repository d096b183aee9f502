package io.carrick.integration;

import io.carrick.CallContext;
import io.carrick.Interceptor;
import io.carrick.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Function;

/** An interceptor that lets no call go on, until it is told to. */
final class Holding implements Interceptor {

  private final CompletableFuture<Void> goOn = new CompletableFuture<>();

  /** What it returned for requests, sends and publishes. */
  final List<CompletableFuture<Message>> held = new CopyOnWriteArrayList<>();

  void letGo() {
    goOn.complete(null);
  }

  @Override
  public CompletionStage<Message> unary(
      CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
    CompletableFuture<Message> result = goOn.thenCompose(now -> next.apply(message));
    held.add(result);
    return result;
  }

  @Override
  public Flow.Publisher<Message> stream(
      CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
    return subscriber -> goOn.thenRun(() -> next.apply(message).subscribe(subscriber));
  }

  @Override
  public Flow.Publisher<Message> channel(
      CallContext call,
      Flow.Publisher<Message> values,
      Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
    return subscriber -> goOn.thenRun(() -> next.apply(values).subscribe(subscriber));
  }
}
