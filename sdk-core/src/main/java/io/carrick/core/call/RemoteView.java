package io.carrick.core.call;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Explanation;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.PathEvent;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.Topic;
import io.carrick.TypeRef;
import io.carrick.core.flow.MappedPublisher;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.CallFacts;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.path.MessengerContext;
import io.carrick.core.path.PeerLink;
import io.carrick.core.path.SessionPool;
import io.carrick.core.path.SessionSource;
import io.carrick.core.run.Closing;
import io.carrick.core.run.Delays;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.session.Session;
import io.carrick.spi.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A service, seen with needs and options; holds no state of its own. */
public final class RemoteView implements Remote {

  private final MessengerContext node;
  private final SessionPool pool;
  private final Requirements needs;
  private final CallOptions options;
  private final @Nullable Call answered;

  public RemoteView(
      MessengerContext node, SessionPool pool, Requirements needs, CallOptions options) {
    this(node, pool, needs, options, null);
  }

  /**
   * A view.
   *
   * @param answered the call that calls are made to answer; null where there is none
   */
  private RemoteView(
      MessengerContext node,
      SessionPool pool,
      Requirements needs,
      CallOptions options,
      @Nullable Call answered) {
    this.node = node;
    this.pool = pool;
    this.needs = needs;
    this.options = options;
    this.answered = answered;
  }

  /** The peer of a session that is there already. */
  public static RemoteView ofPeer(MessengerContext node, Session session, PeerLink link) {
    return new RemoteView(
        node, SessionPool.of(node, session, link), Requirements.NONE, CallOptions.DEFAULT);
  }

  @Override
  public Optional<String> service() {
    return pool.service(needs);
  }

  @Override
  public Optional<String> instance() {
    Session session = pool.open(needs);
    return session == null ? Optional.empty() : Optional.of(session.peer().instance());
  }

  @Override
  public Remote with(Requirements value) {
    return new RemoteView(
        node, pool, needs.and(Objects.requireNonNull(value, "requirements")), options, answered);
  }

  @Override
  public Remote with(CallOptions value) {
    return new RemoteView(node, pool, needs, Objects.requireNonNull(value, "options"), answered);
  }

  @Override
  public Remote within(Call call) {
    return new RemoteView(node, pool, needs, options, Objects.requireNonNull(call, "call"));
  }

  @Override
  public CallOptions options() {
    Call other = answered;
    return other == null ? options : Inherited.of(other, options);
  }

  @Override
  public CompletableFuture<Void> send(String topic, Object value) {
    return unary(Kind.SEND, topic, value, Codecs.NOTHING);
  }

  @Override
  public <R> CompletableFuture<R> request(String topic, Object value, TypeRef<R> type) {
    return unary(Kind.REQUEST, topic, value, type);
  }

  @Override
  public CompletableFuture<Void> publish(String topic, Object value) {
    return unary(Kind.PUBLISH, topic, value, Codecs.NOTHING);
  }

  private <R> CompletableFuture<R> unary(Kind kind, String topic, Object value, TypeRef<R> type) {
    Topic.check(topic);
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(type, "type");
    if (node.calls().isEmpty()) {
      return new CallFuture<>(
              node.tasks(), line(), node.delays(), outgoing(kind, topic, value, type), type)
          .start();
    }
    CallClock clock = clock(kind, topic);
    return new InterceptedCall<>(node, type, OutgoingCall.what(kind, topic), clock)
        .start(
            facts(kind, topic, clock),
            message(topic, value),
            (attempt, m) ->
                new CallFuture<>(
                        node.tasks(),
                        line(),
                        node.delays(),
                        passed(kind, m, type, clock).asAttempt(attempt.attempt()),
                        Codecs.MESSAGE)
                    .start());
  }

  @Override
  public <R> Flow.Publisher<R> stream(String topic, Object value, TypeRef<R> type) {
    Topic.check(topic);
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(type, "type");
    if (node.calls().isEmpty()) {
      return flow(outgoing(Kind.STREAM, topic, value, type), type, null, null);
    }
    return intercepted(
        Kind.STREAM,
        topic,
        type,
        clock ->
            node.calls().stream(
                facts(Kind.STREAM, topic, clock),
                message(topic, value),
                (attempt, m) ->
                    flow(
                        passed(Kind.STREAM, m, type, clock).asAttempt(attempt.attempt()),
                        Codecs.MESSAGE,
                        null,
                        null)));
  }

  @Override
  public <R> Flow.Publisher<R> channel(String topic, Flow.Publisher<?> values, TypeRef<R> type) {
    Topic.check(topic);
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(type, "type");
    if (node.calls().isEmpty()) {
      return flow(outgoing(Kind.CHANNEL, topic, null, type), type, values, null);
    }
    return intercepted(
        Kind.CHANNEL,
        topic,
        type,
        clock ->
            node.calls()
                .channel(
                    facts(Kind.CHANNEL, topic, clock),
                    new MappedPublisher<Object, Message>(values, v -> message(topic, v)),
                    (attempt, v) ->
                        flow(
                            outgoing(Kind.CHANNEL, topic, null, type)
                                .within(clock)
                                .asAttempt(attempt.attempt()),
                            Codecs.MESSAGE,
                            v,
                            null)));
  }

  @Override
  public <T> Flow.Publisher<T> subscription(String filter, TypeRef<T> type) {
    Topic.checkFilter(filter);
    Objects.requireNonNull(type, "type");
    if (node.calls().isEmpty()) {
      return flow(outgoing(Kind.SUBSCRIBE, filter, null, type), type, null, null);
    }
    return intercepted(
        Kind.SUBSCRIBE,
        filter,
        type,
        clock ->
            node.calls().stream(
                facts(Kind.SUBSCRIBE, filter, clock),
                Message.empty().withTopic(filter).withHeaders(options().headers()),
                (attempt, m) ->
                    flow(
                        outgoing(Kind.SUBSCRIBE, filter, null, type)
                            .withHeaders(m.headers())
                            .within(clock),
                        Codecs.MESSAGE,
                        null,
                        clock::reached)));
  }

  @Override
  public <T> CompletableFuture<Registration> subscribe(
      String filter, TypeRef<T> type, OverflowPolicy policy, Subscriber<? super T> subscriber) {
    Topic.checkFilter(filter);
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(subscriber, "subscriber");
    OutgoingCall call =
        OutgoingCall.of(
            node.codecs(),
            Kind.SUBSCRIBE,
            filter,
            null,
            options(),
            policy,
            node.codecs().accept(type),
            needs);
    CallClock clock = node.calls().isEmpty() ? null : clock(Kind.SUBSCRIBE, filter);
    SessionSource source = line();
    return new LiveSubscription<>(
            node.tasks(),
            (made, decoder, patient, accepted) ->
                new CallerFlow<>(
                    node.tasks(), source, node.delays(), made, decoder, null, patient, accepted),
            source::isClosed,
            node.delays(),
            clock == null ? call : call.within(clock),
            clock == null
                ? flow -> flow.apply(call.headers())
                : flow ->
                    node.calls().stream(
                        facts(Kind.SUBSCRIBE, filter, clock),
                        Message.empty().withTopic(filter).withHeaders(call.headers()),
                        (attempt, m) -> flow.apply(m.headers())),
            type,
            subscriber)
        .start();
  }

  private <R> Flow.Publisher<R> flow(
      OutgoingCall call,
      TypeRef<R> type,
      Flow.@Nullable Publisher<?> values,
      @Nullable Runnable accepted) {
    return new CallerFlow<>(
        node.tasks(),
        line(),
        node.delays(),
        call,
        (m, missed) -> {
          if (missed > 0) {
            throw missed(call, missed);
          }
          return new Body<>(node.codecs().decodeReply(() -> m, type)).value();
        },
        values,
        false,
        accepted);
  }

  /** A flow of items has no other way to tell that some are not in it. */
  private static CallException missed(OutgoingCall call, long missed) {
    return new CallException(
        StatusCode.RESOURCE_EXHAUSTED,
        Delivered.YES,
        call.what()
            + " missed "
            + missed
            + " messages that are larger than this node takes: raise its maxMessageBytes, or"
            + " subscribe with a Subscriber, which is told of gaps",
        Map.of("missed", Long.toString(missed)),
        null);
  }

  private <R> Flow.Publisher<R> intercepted(
      Kind kind,
      String topic,
      TypeRef<R> type,
      Function<CallClock, Flow.Publisher<Message>> chain) {
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      CallClock clock = clock(kind, topic);
      InterceptedFlow<R> flow = new InterceptedFlow<>(clock, subscriber);
      flow.start();
      if (flow.isOver()) {
        return;
      }
      try {
        new MappedPublisher<Message, R>(
                chain.apply(clock),
                m -> new Body<>(node.codecs().decodeReply(() -> m, type)).value())
            .subscribe(flow);
      } catch (Throwable e) {
        flow.onError(Failure.messaging(e, OutgoingCall.what(kind, topic)));
      }
    };
  }

  private CallClock clock(Kind kind, String topic) {
    return new CallClock(
        node.tasks(), node.delays(), OutgoingCall.what(kind, topic), options().deadline());
  }

  private SessionSource line() {
    SessionSource source = pool.meeting(needs);
    source.used(needs);
    return source;
  }

  private OutgoingCall outgoing(Kind kind, String topic, @Nullable Object value, TypeRef<?> type) {
    return OutgoingCall.of(
        node.codecs(),
        kind,
        topic,
        value,
        options(),
        OverflowPolicy.FAIL,
        node.codecs().accept(type),
        needs);
  }

  /** What interceptors let through, which has the headers of the options already. */
  private OutgoingCall passed(Kind kind, Message message, TypeRef<?> type, CallClock clock) {
    return outgoing(kind, message.topic(), message, type)
        .withHeaders(message.headers())
        .within(clock);
  }

  /** The value as interceptors see it: with the headers of the options. */
  private Message message(String topic, Object value) {
    Session session = line().current();
    Encoded e =
        node.codecs()
            .encode(
                value,
                options().contentType(),
                session == null ? List.of() : session.peer().contentTypes());
    return Message.wrap(
        topic, Encoded.merged(e.headers(), options().headers()), e.contentType(), e.payload());
  }

  private CallFacts facts(Kind kind, String topic, CallClock clock) {
    Session session = line().current();
    CallOptions now = options();
    return new CallFacts(
        kind.action(),
        topic,
        false,
        session == null ? Principal.NONE : session.peer().principal(),
        service(),
        session == null ? Optional.empty() : Optional.of(session.peer().instance()),
        now.headers(),
        now.priority(),
        1,
        needs.isIdempotent(),
        clock.isReached() ? System.nanoTime() + now.deadline().toNanos() : clock.deadline(),
        new ConcurrentHashMap<>());
  }

  @Override
  public CompletableFuture<Void> connect() {
    GuardedFuture<Void> result = new GuardedFuture<>(node.tasks());
    SessionSource source = line();
    if (source.current() != null) {
      result.complete(null);
      return result;
    }
    SessionSource.Waiter waiter =
        new SessionSource.Waiter() {
          @Override
          public boolean connected(Session session) {
            node.tasks().execute(() -> result.complete(null));
            return true;
          }

          @Override
          public void failed(io.carrick.MessagingException reason) {
            node.tasks().execute(() -> result.completeExceptionally(reason));
          }

          @Override
          public boolean isLast() {
            return true;
          }

          @Override
          public int waitingBytes() {
            return 0;
          }

          @Override
          public long patienceNanos() {
            return options().deadline().toNanos();
          }

          @Override
          public boolean waitForReady() {
            return options().waitForReady();
          }
        };
    Delays.Delay limit =
        node.delays()
            .after(
                options().deadline().toNanos(),
                () -> {
                  source.forget(waiter);
                  waiter.failed(
                      Failure.noSession(
                          "connect()",
                          source.service(),
                          source.lastFailure(),
                          options().deadline()));
                });
    source.await(waiter);
    // After it has its place: one that is cancelled, or late already, gives it back.
    result.whenComplete(
        (done, failure) -> {
          limit.cancel();
          source.forget(waiter);
        });
    return result;
  }

  @Override
  public Registration onPathEvent(Consumer<? super PathEvent> listener) {
    return pool.events(needs).listen(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public CompletableFuture<Void> move() {
    return line().move(null, options().deadline());
  }

  @Override
  public CompletableFuture<Void> move(String endpoint) {
    Objects.requireNonNull(endpoint, "endpoint");
    Endpoint to;
    try {
      to = Endpoint.parse(endpoint);
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
    return line().move(to, options().deadline());
  }

  @Override
  public void raiseFloor(SecurityLevel level) {
    pool.raiseFloor(level);
  }

  @Override
  public Explanation explain() {
    return pool.explain(needs);
  }

  @Override
  public List<String> endpoints() {
    return pool.primary().endpoints();
  }

  @Override
  public void close() {
    Closing.await(pool.close("the remote was closed"));
  }

  @Override
  public String toString() {
    return "Remote[" + service().orElse("?") + " at " + endpoints() + "]";
  }
}
