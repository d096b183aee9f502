package io.carrick.transport.mqtt;

import io.carrick.Authorizer.Action;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.DeliveryGuarantee;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.Topic;
import io.carrick.spi.Broker;
import io.carrick.spi.Calls;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.PeerInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/**
 * A node that listens at the topics of a broker: subscribes to what its handlers handle, shared
 * with the other instances of its service, and to what it has subscribed to itself. What it does is
 * the loop's.
 */
final class TopicServer implements Listener {

  /** Requests of one topic that are answered at a time; the broker keeps the others. */
  private static final int AT_ONCE = 64;

  /** Where a queue of the node is full, its message is tried again after 50 ms. */
  private static final int AGAIN_MILLIS = 50;

  /** A filter that the broker did not take is tried again after 5 s. */
  private static final int RETRY_SECONDS = 5;

  /** When nothing has come for so long after the end, nothing more is on its way. */
  private static final long QUIET_NANOS = 200_000_000;

  /** For a caller that does not say how long it waits: 30 s. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Where sessions go over the broker. */
  private static final String SESSIONS = "carrick/v1/";

  private static final Requirements RELIABLE =
      Requirements.delivery(DeliveryGuarantee.AT_LEAST_ONCE);

  private static final System.Logger LOG = System.getLogger(TopicServer.class.getName());

  private final Executor loop;
  private final Endpoint endpoint;
  private final Topics topics;
  private final Calls calls;
  private final String service;
  private final Runnable forgotten;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicInteger open = new AtomicInteger();
  private volatile long lastCame = System.nanoTime();
  private volatile boolean ended;
  private volatile boolean closing;
  private volatile @Nullable Registration watch;

  // On the loop. By topic, and by filter.
  private final Map<String, Served> handlers = new HashMap<>();
  private final Map<String, Served> subscriptions = new LinkedHashMap<>();
  private final Set<String> unreached = new HashSet<>();
  private Set<Calls.Handled> handled = Set.of();

  TopicServer(
      Executor loop,
      Endpoint endpoint,
      Topics topics,
      Calls calls,
      String service,
      Runnable forgotten) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.topics = topics;
    this.calls = calls.ofPeer();
    this.service = service;
    this.forgotten = forgotten;
  }

  /** Begins to serve what the node handles, now and later. */
  void start() {
    watch = calls.onHandledChange(this::changed);
    changed();
  }

  private void changed() {
    if (!ended && !looking.getAndSet(true)) {
      loop.execute(this::look);
    }
  }

  private void look() {
    looking.set(false);
    if (ended) {
      handlers.values().forEach(each -> topics.leave(each.flow));
      subscriptions.values().forEach(each -> topics.leave(each.flow));
      return;
    }
    handled = calls.handled();
    Set<String> answered = new HashSet<>();
    Set<String> subscribed = new HashSet<>();
    for (Calls.Handled each : handled) {
      if (each.action() == Action.SUBSCRIBE) {
        subscribed.add(each.topic());
      } else if (each.action() == Action.REQUEST || each.action() == Action.SEND) {
        answered.add(each.topic());
      }
    }
    adjust(handlers, answered, Headers.of(TopicMessages.SHARE, service));
    adjust(subscriptions, subscribed, Headers.EMPTY);
  }

  private void adjust(Map<String, Served> present, Set<String> wanted, Headers headers) {
    present
        .entrySet()
        .removeIf(
            each -> {
              boolean over = !wanted.contains(each.getKey());
              if (over) {
                unreached.remove(each.getKey());
                each.getValue().flow.cancel();
              }
              return over;
            });
    for (String topic : wanted) {
      present.computeIfAbsent(topic, key -> new Served(topic, headers)).begin();
    }
  }

  /** One topic, or filter. */
  private final class Served implements TopicFlow.Taker {

    private final boolean published;
    private final TopicFlow flow;
    private boolean begun;
    private boolean told;

    Served(String filter, Headers headers) {
      this.published = headers.isEmpty();
      this.flow =
          topics.flow(
              new Broker.Subscription(
                  filter,
                  headers,
                  RELIABLE,
                  OverflowPolicy.BLOCK,
                  () -> unreached.remove(filter),
                  missed -> {}),
              this);
    }

    void begin() {
      if (!begun) {
        begun = true;
        // One at a time is acknowledged when it was taken; of requests nobody minds.
        flow.request(handled.contains(handles(Action.REQUEST)) ? AT_ONCE : 1);
        topics.begin(flow);
      }
    }

    @Override
    public void take(Message message, MqttMessage raw) {
      lastCame = System.nanoTime();
      String replyTo = raw.getProperties().getResponseTopic();
      if (published) {
        if (isFirst(message.topic()) && !message.topic().startsWith(SESSIONS)) {
          deliver(Action.PUBLISH, message);
        } else {
          next(); // Another filter of this node has it, too, or it is nobody's here.
        }
      } else if (replyTo == null && handled.contains(handles(Action.SEND))) {
        deliver(Action.SEND, message);
      } else {
        answer(message, raw, replyTo);
      }
    }

    private Calls.Handled handles(Action action) {
      return new Calls.Handled(action, flow.terms.filter());
    }

    /** Of overlapping filters one brings the message to the node, which gives it to all. */
    private boolean isFirst(String topic) {
      for (Served each : subscriptions.values()) {
        if (!each.flow.isOver() && Topic.matches(each.flow.terms.filter(), topic)) {
          return each == this;
        }
      }
      return false;
    }

    private void deliver(Action action, Message message) {
      asCaller(
              caller ->
                  action == Action.SEND
                      ? calls.send(caller, message)
                      : calls.publish(caller, message))
          .whenComplete((done, failure) -> loop.execute(() -> delivered(action, message, failure)));
    }

    private void delivered(Action action, Message message, @Nullable Throwable failure) {
      Throwable why = unwrap(failure);
      if (why instanceof OverloadedException e && e.delivered() == Delivered.NO && e.retrySafe()) {
        CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS, loop)
            .execute(
                () -> {
                  if (!flow.isOver()) {
                    deliver(action, message);
                  }
                });
        return;
      }
      if (why != null) {
        LOG.log(
            told ? System.Logger.Level.TRACE : System.Logger.Level.WARNING,
            "A message of " + flow.terms.filter() + " at " + endpoint + " was refused",
            why);
        told = true;
      }
      next();
    }

    private void answer(Message message, MqttMessage raw, @Nullable String replyTo) {
      open.incrementAndGet();
      Duration left = TopicMessages.timeLeft(raw, DEADLINE);
      asCaller(caller -> calls.within(left).request(caller, message))
          .whenComplete(
              (reply, failure) -> {
                try {
                  if (replyTo != null) {
                    reply(replyTo, raw, left, reply, unwrap(failure));
                    return;
                  }
                } catch (RuntimeException | Error e) {
                  LOG.log(System.Logger.Level.WARNING, "A request has no reply", e);
                }
                loop.execute(this::answered);
              });
    }

    private void reply(
        String to,
        MqttMessage request,
        Duration left,
        @Nullable Message reply,
        @Nullable Throwable failure) {
      MqttMessage answer =
          reply != null ? TopicMessages.of(reply, 1) : TopicMessages.failed(messaging(failure));
      try {
        TopicMessages.check(answer);
      } catch (IllegalArgumentException e) {
        answer = TopicMessages.failed(TopicFailures.notTaken("a reply", e));
      }
      answer.getProperties().setCorrelationData(request.getProperties().getCorrelationData());
      TopicMessages.expire(answer, left);
      topics.reply(to, answer, this::answered); // So no more wait than are asked for.
    }

    private void answered() {
      open.decrementAndGet();
      next();
      closeWhenIdle();
    }

    /** What comes after the end is left to the broker, for the next life. */
    private void next() {
      if (!ended || leaves()) {
        flow.request(1);
      }
    }

    @Override
    public void failed(Throwable why) {
      if (!ended) {
        LOG.log(
            unreached.add(flow.terms.filter())
                ? System.Logger.Level.WARNING
                : System.Logger.Level.TRACE,
            "nobody reaches " + flow.terms.filter() + " by " + endpoint,
            why);
      }
      if (!ended && !topics.isClosed()) {
        CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS, loop)
            .execute(this::retry);
      }
    }

    private void retry() {
      handlers.values().remove(this);
      subscriptions.values().remove(this);
      changed();
    }
  }

  /** Does it in the name of who publishes at the broker; what it throws is its failure. */
  private <T> CompletionStage<T> asCaller(Function<Principal, CompletionStage<T>> call) {
    try {
      return calls
          .caller(PeerInfo.of(endpoint.toString()).withBrokered(true), "")
          .thenCompose(caller -> call.apply(caller.principal()));
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private static MessagingException messaging(@Nullable Throwable failure) {
    return failure instanceof MessagingException known
        ? known
        : new CallException(
            StatusCode.UNKNOWN, Delivered.MAYBE, "the request failed", Map.of(), failure);
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Whether the broker keeps nothing for it, so that it has to take all that was sent to it. */
  private boolean leaves() {
    return MqttAddress.of(endpoint).client() == null;
  }

  /** Other instances have what comes from now on, or this one in its next life. */
  @Override
  public void drain() {
    ended = true;
    lastCame = System.nanoTime();
    if (leaves()) {
      loop.execute(this::look);
    }
  }

  @Override
  public int openCalls() {
    boolean comes = ended && leaves() && System.nanoTime() - lastCame < QUIET_NANOS;
    return open.get() + (comes ? 1 : 0);
  }

  /** Replies that are open still go out, as long as the transport is open. */
  @Override
  public void close() {
    drain();
    closing = true;
    Registration watching = watch;
    if (watching != null) {
      watching.close();
    }
    forgotten.run();
    loop.execute(this::closeWhenIdle);
  }

  private void closeWhenIdle() {
    if (closing && open.get() == 0) {
      topics.close();
    }
  }
}
