package io.carrick.testkit;

import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.spi.Calls;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Refuses native calls; for a listener without a native edge. */
public final class NoCalls implements Calls {

  /** Creates calls that all fail. */
  public NoCalls() {}

  @Override
  public CompletionStage<Message> request(Principal principal, Message message) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("no native calls"));
  }

  @Override
  public CompletionStage<Void> send(Principal principal, Message message) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("no native calls"));
  }

  @Override
  public Flow.Publisher<Message> stream(Principal principal, Message message) {
    throw new UnsupportedOperationException("no native calls");
  }

  @Override
  public Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values) {
    throw new UnsupportedOperationException("no native calls");
  }

  @Override
  public CompletionStage<Void> publish(Principal principal, Message message) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("no native calls"));
  }

  @Override
  public CompletionStage<Flow.Publisher<Message>> subscribe(Principal principal, Message opening) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("no native calls"));
  }
}
