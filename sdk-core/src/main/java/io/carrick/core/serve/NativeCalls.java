package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.Registration;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.Topic;
import io.carrick.core.flow.FailedPublisher;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.CallFacts;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Failure;
import io.carrick.core.message.RefusedException;
import io.carrick.core.run.Delays;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Tokens;
import io.carrick.spi.Caller;
import io.carrick.spi.Calls;
import io.carrick.spi.PeerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Leads the calls of native edges to the router, as sessions lead theirs. */
public final class NativeCalls implements Calls {

  private final Router router;
  private final Delays delays;
  private final SecurityLevel floor;
  private final NativeCall.Terms terms;
  private final Tokens tokens;

  public NativeCalls(Router router, Delays delays, SecurityLevel floor, Tokens tokens) {
    this(router, delays, floor, new NativeCall.Terms(new Origin(), 0, List.of()), tokens);
  }

  private NativeCalls(
      Router router, Delays delays, SecurityLevel floor, NativeCall.Terms terms, Tokens tokens) {
    this.tokens = tokens;
    this.router = router;
    this.delays = delays;
    this.floor = floor;
    this.terms = terms;
  }

  @Override
  public Calls ofPeer() {
    return with(new NativeCall.Terms(new Origin(), terms.timeoutNanos(), terms.accept()));
  }

  private NativeCalls with(NativeCall.Terms other) {
    return new NativeCalls(router, delays, floor, other, tokens);
  }

  @Override
  public Calls accepting(List<String> contentTypes) {
    return with(
        new NativeCall.Terms(terms.origin(), terms.timeoutNanos(), List.copyOf(contentTypes)));
  }

  @Override
  public Calls within(Duration deadline) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("deadline " + deadline + " must be positive");
    }
    return with(new NativeCall.Terms(terms.origin(), Delays.nanos(deadline), terms.accept()));
  }

  @Override
  public CompletionStage<Caller> caller(PeerInfo connection, String token) {
    SecurityLevel level = connection.security();
    if (level.compareTo(floor) < 0) {
      Audit.of(Audit.Event.DENIED)
          .with("principal", connection.principal())
          .with("address", connection.address())
          .with("reason", "security " + level + " is below the floor " + floor)
          .log();
      return CompletableFuture.failedFuture(
          refused(
              StatusCode.PERMISSION_DENIED,
              "the connection gives security "
                  + level
                  + ", and this service requires "
                  + floor
                  + ": use an endpoint that gives it"));
    }
    return tokens.ask(router.tasks, router.service, connection, token);
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
    OverloadedException tooLarge = router.tooLarge(message.size(), Delivered.NO);
    if (tooLarge != null) {
      return CompletableFuture.failedFuture(tooLarge);
    }
    NativeCall call = new NativeCall(router, kind, principal, terms, message, null, null);
    if (terms.timeoutNanos() > 0) {
      call.expireBy(delays);
    }
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
      Flow.@Nullable Publisher<Message> values,
      Flow.Subscriber<? super Message> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    OverloadedException tooLarge = router.tooLarge(message.size(), Delivered.NO);
    if (tooLarge != null) {
      FailedPublisher.fail(subscriber, tooLarge);
      return;
    }
    NativeCall call = new NativeCall(router, kind, principal, terms, message, values, subscriber);
    call.opened();
    router.dispatch(call);
  }

  @Override
  public CompletionStage<Flow.Publisher<Message>> subscribe(Principal principal, Message opening) {
    String filter = opening.topic();
    Permission<Flow.Publisher<Message>> permission =
        new Permission<>(() -> subscription(principal, filter, opening));
    router.askToSubscribe(terms.origin(), principal, filter, permission);
    return permission;
  }

  private Flow.Publisher<Message> subscription(
      Principal principal, String filter, Message opening) {
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      try {
        router
            .subscription(
                new CallFacts(
                    Authorizer.Action.SUBSCRIBE,
                    filter,
                    true,
                    principal,
                    Optional.empty(),
                    Optional.empty(),
                    opening.headers(),
                    Priority.NORMAL,
                    1,
                    false,
                    0,
                    new ConcurrentHashMap<>()),
                Message.empty().withTopic(filter).withHeaders(opening.headers()),
                OverflowPolicy.FAIL,
                missed -> {})
            .subscribe(subscriber);
      } catch (Throwable e) {
        FailedPublisher.fail(
            subscriber,
            Failure.isNotDelivered(e)
                ? Failure.messaging(e, filter)
                : Failure.ofHandler(filter, e).toException());
      }
    };
  }

  /** What a peer gets if it may have it; nobody wants it any more once it is cancelled. */
  private static final class Permission<T> extends CompletableFuture<T>
      implements Authorizing.Wish {

    private final Supplier<T> granted;

    Permission(Supplier<T> granted) {
      this.granted = granted;
    }

    @Override
    public boolean isOver() {
      return isDone();
    }

    @Override
    public void allowed() {
      try {
        complete(granted.get());
      } catch (CallException e) {
        completeExceptionally(e);
      }
    }

    @Override
    public void refused(Failure why) {
      completeExceptionally(why.toException());
    }

    @Override
    public void lost(Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  @Override
  public CompletionStage<Registration> serveRequests(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends CompletionStage<Message>> handler) {
    Handler<Message, CompletionStage<Message>> refusing =
        (message, call) ->
            refusing(() -> handler.handle(message, call))
                .handleAsync(
                    (reply, failure) -> {
                      if (failure != null) {
                        throw refusedIfNotDelivered(failure);
                      }
                      return reply;
                    },
                    router.tasks);
    return serve(
        principal,
        topic,
        new RequestRoute<>(router, topic, options, Codecs.MESSAGE, null, refusing, true));
  }

  @Override
  public CompletionStage<Registration> serveSends(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends CompletionStage<?>> handler) {
    return serve(principal, topic, new PassedSendRoute(router, topic, options, handler));
  }

  @Override
  public CompletionStage<Registration> serveStreams(
      Principal principal,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends Flow.Publisher<Message>> handler) {
    Handler<Message, Flow.Publisher<Message>> refusing =
        (message, call) -> refusing(() -> handler.handle(message, call));
    return serve(
        principal,
        topic,
        new StreamRoute<>(router, Kind.STREAM, topic, options, Codecs.MESSAGE, refusing));
  }

  private CompletionStage<Registration> serve(Principal principal, String topic, Route route) {
    try {
      Topic.check(topic);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          refused(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage())));
    }
    Permission<Registration> permission = new Permission<>(() -> register(route));
    router.authorizing.ask(terms.origin(), principal, Authorizer.Action.SERVE, topic, permission);
    return permission;
  }

  @Override
  public Set<Handled> handled() {
    return router.handled();
  }

  @Override
  public Registration onHandledChange(Runnable changed) {
    return router.onHandledChange(changed);
  }

  private Registration register(Route route) {
    try {
      return router.add(route);
    } catch (IllegalStateException e) {
      throw refused(StatusCode.ALREADY_EXISTS, String.valueOf(e.getMessage()));
    }
  }

  private static CallException refused(StatusCode code, String message) {
    return new CallException(code, Delivered.NO, message, Map.of(), null);
  }

  private static <T> T refusing(Callable<? extends T> handler) throws Exception {
    try {
      return handler.call();
    } catch (MessagingException e) {
      throw refusedIfNotDelivered(e);
    }
  }

  private static RuntimeException refusedIfNotDelivered(Throwable failure) {
    Throwable cause = Failure.unwrap(failure);
    if (cause instanceof MessagingException e && e.delivered() == Delivered.NO) {
      return new RefusedException(Failure.refusal(e));
    }
    return cause instanceof RuntimeException e ? e : new CompletionException(cause);
  }
}
