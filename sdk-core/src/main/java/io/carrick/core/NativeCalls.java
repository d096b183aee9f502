package io.carrick.core;

import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Principal;
import io.carrick.core.frame.Kind;
import io.carrick.spi.Calls;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Leads the calls of native edges to the router, as sessions lead theirs. */
final class NativeCalls implements Calls {

  private final Router router;
  private final Origin origin = new Origin();

  NativeCalls(Router router) {
    this.router = router;
  }

  @Override
  public CompletionStage<Message> request(Principal principal, Message message) {
    return unary(Kind.REQUEST, principal, message);
  }

  @Override
  public CompletionStage<Void> send(Principal principal, Message message) {
    return unary(Kind.SEND, principal, message).thenAccept(reply -> {});
  }

  @Override
  public CompletionStage<Void> publish(Principal principal, Message message) {
    return unary(Kind.PUBLISH, principal, message).thenAccept(reply -> {});
  }

  private CompletionStage<Message> unary(Kind kind, Principal principal, Message message) {
    NativeCall call = new NativeCall(router, kind, principal, origin, message, null, null);
    router.dispatch(call);
    return call.result();
  }

  @Override
  public Flow.Publisher<Message> stream(Principal principal, Message message) {
    return subscriber -> open(Kind.STREAM, principal, message, null, subscriber);
  }

  @Override
  public Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values) {
    return subscriber -> open(Kind.CHANNEL, principal, opening, values, subscriber);
  }

  private void open(
      Kind kind,
      Principal principal,
      Message message,
      Flow.@org.jspecify.annotations.Nullable Publisher<Message> values,
      Flow.Subscriber<? super Message> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    router.dispatch(new NativeCall(router, kind, principal, origin, message, values, subscriber));
  }

  @Override
  public Flow.Publisher<Message> subscribe(Principal principal, String filter) {
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      Failure refused = router.refuseSubscription(principal, filter);
      if (refused != null) {
        FailedPublisher.fail(subscriber, refused.toException());
        return;
      }
      try {
        router
            .subscription(principal, "", filter, OverflowPolicy.FAIL, missed -> {})
            .subscribe(subscriber);
      } catch (RuntimeException e) {
        FailedPublisher.fail(subscriber, Failure.ofHandler(filter, e).toException());
      }
    };
  }
}
