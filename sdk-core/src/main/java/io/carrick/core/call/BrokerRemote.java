package io.carrick.core.call;

import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.CallOptions;
import io.carrick.ConnectException;
import io.carrick.Delivered;
import io.carrick.Explanation;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.NoPathException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.PathEvent;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.Subscriber;
import io.carrick.Topic;
import io.carrick.TypeRef;
import io.carrick.core.flow.FailedPublisher;
import io.carrick.core.flow.ItemReceiver;
import io.carrick.core.flow.MappedPublisher;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.CallFacts;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.path.CallLimit;
import io.carrick.core.path.EndpointTable;
import io.carrick.core.path.MessengerContext;
import io.carrick.core.path.PathEvents;
import io.carrick.core.run.GuardedFuture;
import io.carrick.spi.Broker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a broker, seen with needs and options: no session is there, so calls go to a {@link
 * Broker}, and what needs one is refused. Codecs, interceptors and deadlines are those of any
 * remote.
 */
public final class BrokerRemote implements Remote {

  /** As many calls wait as in a session (F2), and as many bytes. */
  private static final int MAX_CALLS = 1_024;

  private static final int MAX_BYTES = 8 << 20;

  /** What all views share. */
  private record Line(
      MessengerContext node,
      Broker broker,
      EndpointTable table,
      PathEvents events,
      CallLimit room) {}

  private final Line line;
  private final Requirements needs;
  private final CallOptions options;
  private final @Nullable Call answered;

  public BrokerRemote(
      MessengerContext node, Broker broker, EndpointTable table, Requirements needs) {
    this(
        new Line(
            node, broker, table, new PathEvents(node.tasks()), new CallLimit(MAX_CALLS, MAX_BYTES)),
        needs,
        CallOptions.DEFAULT,
        null);
  }

  private BrokerRemote(
      Line line, Requirements needs, CallOptions options, @Nullable Call answered) {
    this.line = line;
    this.needs = needs;
    this.options = options;
    this.answered = answered;
  }

  @Override
  public Optional<String> service() {
    return Optional.empty();
  }

  @Override
  public Optional<String> instance() {
    return Optional.empty();
  }

  @Override
  public Remote with(Requirements value) {
    Requirements both = needs.and(Objects.requireNonNull(value, "requirements"));
    return new BrokerRemote(line, both, options, answered);
  }

  @Override
  public Remote with(CallOptions value) {
    return new BrokerRemote(line, needs, Objects.requireNonNull(value, "options"), answered);
  }

  @Override
  public Remote within(Call call) {
    return new BrokerRemote(line, needs, options, Objects.requireNonNull(call, "call"));
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
    CallClock clock = clock(kind, topic);
    Encoded e;
    try {
      e = line.node.codecs().encode(value, options().contentType(), List.of());
    } catch (MessagingException failure) {
      return failed(failure);
    }
    Headers headers = Encoded.merged(e.headers(), options().headers());
    return new InterceptedCall<>(line.node, type, OutgoingCall.what(kind, topic), clock)
        .start(
            facts(kind, topic, clock),
            Message.wrap(topic, headers, e.contentType(), e.payload()),
            (attempt, message) -> begin(kind, attempt, message, clock));
  }

  private CompletableFuture<Message> begin(
      Kind kind, CallContext attempt, Message message, CallClock clock) {
    MessagingException refused = line.table.refusal(needs).orElse(null);
    int most = line.node.config().maxMessageBytes();
    if (refused == null && message.size() > most) {
      refused =
          OverloadedException.tooLarge(
              Delivered.NO,
              "message of "
                  + message.size()
                  + " bytes exceeds the "
                  + most
                  + " of this node: raise its maxMessageBytes");
    }
    if (refused != null) {
      return failed(refused);
    }
    int size = message.size();
    line.room.take(size, clock.deadline() - System.nanoTime(), " wait at the broker");
    Message whole =
        message.withHeaders(CallFacts.withAttempt(message.headers(), attempt.attempt()));
    String what = OutgoingCall.what(kind, message.topic());
    Runnable over = () -> line.room.give(size);
    try {
      Broker.Terms terms = terms(clock.deadline() - System.nanoTime());
      if (kind == Kind.REQUEST) {
        return told(line.broker.request(whole, terms), reply -> reply, what, over);
      }
      return told(
          kind == Kind.SEND ? line.broker.send(whole, terms) : line.broker.publish(whole, terms),
          done -> Message.empty(),
          what,
          over);
    } catch (RuntimeException | Error e) {
      over.run();
      throw e;
    }
  }

  /** The outcome of a stage, told in a callback; cancelling it cancels the stage. */
  private <T, R> CompletableFuture<R> told(
      CompletionStage<T> stage, Function<T, R> map, String what, Runnable over) {
    GuardedFuture<R> result = new GuardedFuture<>(line.node.tasks());
    CompletableFuture<T> going = stage.toCompletableFuture();
    going.whenComplete(
        (value, failure) -> {
          over.run();
          line.node.tasks().execute(() -> tell(result, value, map, failure, what));
        });
    result.whenComplete((value, failure) -> going.cancel(false));
    return result;
  }

  private static <T, R> void tell(
      CompletableFuture<R> result,
      T value,
      Function<T, R> map,
      @Nullable Throwable failure,
      String what) {
    if (failure == null) {
      result.complete(map.apply(value));
    } else {
      result.completeExceptionally(Failure.messaging(failure, what));
    }
  }

  private <T> CompletableFuture<T> failed(MessagingException failure) {
    GuardedFuture<T> result = new GuardedFuture<>(line.node.tasks());
    result.completeExceptionally(failure);
    return result;
  }

  private Broker.Terms terms(long nanosLeft) {
    return new Broker.Terms(
        needs, Duration.ofNanos(Math.max(1, nanosLeft)), options().waitForReady());
  }

  @Override
  public <R> Flow.Publisher<R> stream(String topic, Object value, TypeRef<R> type) {
    Topic.check(topic);
    return new FailedPublisher<>(noFlow(Kind.STREAM, topic));
  }

  @Override
  public <R> Flow.Publisher<R> channel(String topic, Flow.Publisher<?> values, TypeRef<R> type) {
    Topic.check(topic);
    return new FailedPublisher<>(noFlow(Kind.CHANNEL, topic));
  }

  private NoPathException noFlow(Kind kind, String topic) {
    NoPathException.Rejection why =
        new NoPathException.Rejection(
            endpoints().get(0),
            "the topics of a broker carry no streams and no channels",
            "connect to a service behind the broker, or publish and subscribe");
    return new NoPathException(
        "no endpoint carries " + OutgoingCall.what(kind, topic) + ": " + why, List.of(why));
  }

  @Override
  public <T> Flow.Publisher<T> subscription(String filter, TypeRef<T> type) {
    Topic.checkFilter(filter);
    Objects.requireNonNull(type, "type");
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      CallClock clock = clock(Kind.SUBSCRIBE, filter);
      InterceptedFlow<T> flow = new InterceptedFlow<>(clock, subscriber);
      flow.start();
      if (flow.isOver()) {
        return;
      }
      try {
        OutgoingCall call = subscribing(filter, OverflowPolicy.FAIL, type).within(clock);
        Flow.Publisher<Message> messages =
            around(
                call, clock, headers -> flow(call.withHeaders(headers), this::all, clock::reached));
        new MappedPublisher<Message, T>(
                messages, m -> new Body<>(line.node.codecs().decode(m, type)).value())
            .subscribe(flow);
      } catch (Throwable e) {
        flow.onError(Failure.messaging(e, OutgoingCall.what(Kind.SUBSCRIBE, filter)));
      }
    };
  }

  /** A flow of items has no other way to tell that some are not in it. */
  private Message all(Message message, long missed) {
    if (missed != 0) {
      throw new SessionLostException(
          Delivered.YES,
          "messages of "
              + endpoints().get(0)
              + " were missed: subscribe with a Subscriber, which is told of gaps and goes on",
          null);
    }
    return message;
  }

  @Override
  public <T> CompletableFuture<Registration> subscribe(
      String filter, TypeRef<T> type, OverflowPolicy policy, Subscriber<? super T> subscriber) {
    Topic.checkFilter(filter);
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(subscriber, "subscriber");
    CallClock clock = clock(Kind.SUBSCRIBE, filter);
    OutgoingCall call = subscribing(filter, policy, type).within(clock);
    return new LiveSubscription<>(
            line.node.tasks(),
            (made, decoder, patient, accepted) -> flow(made, decoder, accepted),
            () -> false,
            line.node.delays(),
            call,
            flow -> around(call, clock, flow),
            type,
            subscriber)
        .start();
  }

  private Flow.Publisher<Message> around(
      OutgoingCall call, CallClock clock, Function<Headers, Flow.Publisher<Message>> flow) {
    return line.node.calls().stream(
        facts(Kind.SUBSCRIBE, call.topic(), clock),
        Message.empty().withTopic(call.topic()).withHeaders(call.headers()),
        (attempt, m) -> flow.apply(m.headers()));
  }

  private Flow.Publisher<Message> flow(
      OutgoingCall call, ItemReceiver.Decoder<Message> decoder, Runnable accepted) {
    Optional<NoPathException> refused = line.table.refusal(needs);
    if (refused.isPresent()) {
      return new FailedPublisher<>(refused.get());
    }
    return new BrokerFlow<>(
        line.node.tasks(),
        line.broker::subscribe,
        (taken, missed) ->
            new Broker.Subscription(
                call.topic(), call.headers(), needs, call.overflow(), taken, missed),
        decoder,
        accepted);
  }

  private OutgoingCall subscribing(String filter, OverflowPolicy policy, TypeRef<?> type) {
    return OutgoingCall.of(
        line.node.codecs(),
        Kind.SUBSCRIBE,
        filter,
        null,
        options(),
        policy,
        line.node.codecs().accept(type),
        needs);
  }

  private CallClock clock(Kind kind, String topic) {
    return new CallClock(
        line.node.tasks(),
        line.node.delays(),
        OutgoingCall.what(kind, topic),
        options().deadline());
  }

  private CallFacts facts(Kind kind, String topic, CallClock clock) {
    return new CallFacts(
        kind.action(),
        topic,
        false,
        Principal.NONE,
        Optional.empty(),
        Optional.empty(),
        options().headers(),
        options().priority(),
        1,
        needs.isIdempotent(),
        clock.deadline(),
        new ConcurrentHashMap<>());
  }

  @Override
  public CompletableFuture<Void> connect() {
    return line.table
        .refusal(needs)
        .<CompletableFuture<Void>>map(this::failed)
        .orElseGet(
            () ->
                told(
                    line.broker.connect(terms(options().deadline().toNanos())),
                    Function.identity(),
                    "connect()",
                    () -> {}));
  }

  @Override
  public Registration onPathEvent(Consumer<? super PathEvent> listener) {
    return line.events.listen(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public CompletableFuture<Void> move() {
    return failed(
        new ConnectException(
            "the topics of " + endpoints().get(0) + " are there and nowhere else", null));
  }

  @Override
  public CompletableFuture<Void> move(String endpoint) {
    return endpoints().contains(endpoint) ? CompletableFuture.completedFuture(null) : move();
  }

  @Override
  public void raiseFloor(SecurityLevel level) {
    line.table.raiseFloor(level);
  }

  @Override
  public Explanation explain() {
    return line.table.explain(needs, line.broker.isConnected(), line.events);
  }

  @Override
  public List<String> endpoints() {
    return line.table.endpoints();
  }

  @Override
  public void close() {
    line.broker.close();
  }

  @Override
  public String toString() {
    return "Remote[topics of " + endpoints().get(0) + "]";
  }
}
