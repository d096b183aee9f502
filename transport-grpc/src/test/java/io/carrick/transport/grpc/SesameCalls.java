package io.carrick.transport.grpc;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.spi.Caller;
import io.carrick.spi.Calls;
import io.carrick.spi.PeerInfo;
import io.carrick.testkit.NoCalls;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Calls of those who say a word, which answer how much came. */
final class SesameCalls implements Calls {
  private final Calls nothing = new NoCalls();

  @Override
  public CompletionStage<Caller> caller(PeerInfo connection, String token) {
    if (!token.startsWith("sesame")) {
      return CompletableFuture.failedFuture(
          new CallException(StatusCode.UNAUTHENTICATED, Delivered.NO, "no token", Map.of(), null));
    }
    return CompletableFuture.completedFuture(new Caller(connection.principal(), null));
  }

  @Override
  public CompletionStage<Message> request(Principal principal, Message message) {
    return CompletableFuture.completedFuture(
        Message.of(
            "text/plain", Integer.toString(message.size()).getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  public CompletionStage<Void> send(Principal principal, Message message) {
    return nothing.send(principal, message);
  }

  @Override
  public Flow.Publisher<Message> stream(Principal principal, Message message) {
    return nothing.stream(principal, message);
  }

  @Override
  public Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values) {
    return nothing.channel(principal, opening, values);
  }

  @Override
  public CompletionStage<Void> publish(Principal principal, Message message) {
    return nothing.publish(principal, message);
  }

  @Override
  public CompletionStage<Flow.Publisher<Message>> subscribe(Principal principal, Message opening) {
    return nothing.subscribe(principal, opening);
  }
}
