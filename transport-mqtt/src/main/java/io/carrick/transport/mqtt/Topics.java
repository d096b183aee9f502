package io.carrick.transport.mqtt;

import io.carrick.CallException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.NoPathException;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.spi.Broker;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a broker, over one client at a time: one that is lost is replaced while anything is
 * subscribed or waits, after 100 ms, then twice that, and so on up to 5 s. All state is the loop's.
 */
final class Topics implements Broker {

  /** How long a broker keeps subscriptions and messages of a client with a name: 7 days. */
  static final long KEPT_SECONDS = 604_800;

  /** What a packet has beside its payload: at most 8 KiB of headers, and names. */
  private static final int BESIDE_PAYLOAD = 64 * 1024;

  /** Kept messages wait so long for who subscribes to them again. */
  private static final int UNCLAIMED_SECONDS = 30;

  /** Filters that ended while the broker was away; what it keeps for others is let go. */
  private static final int MOST_ENDED = 1_024;

  private static final int LEAST_WAIT_MILLIS = 100;
  private static final int MOST_WAIT_MILLIS = 5_000;
  private static final int TAKEN_OVER = 0x8e;
  private static final String REPLIES = "carrick/v1/r/";

  /** Where a stranger may have a reply: nowhere among the topics of sessions, or of the broker. */
  private static final Pattern REPLY_TOPIC =
      Pattern.compile("(?!\\$|carrick/v1/(?!r/))[^+#\\x00]{1,1024}");

  private static final String GROUP = "[A-Za-z0-9._~-]{1,64}";

  private static final System.Logger LOG = System.getLogger(Topics.class.getName());

  private final Executor loop;
  private final Endpoint endpoint;
  private final BrokerClient.Use use;
  private final Function<BrokerClient.Use, BrokerClient> clients;
  private final int maxMessageBytes;
  private final String replyTopic;
  private volatile boolean connected;

  // On the loop.
  private final Set<TopicCall> calls = new LinkedHashSet<>();
  private final Map<String, TopicCall> requests = new LinkedHashMap<>();
  private final Map<String, TopicFilter> filters = new LinkedHashMap<>();
  private final List<Unclaimed> unclaimed = new ArrayList<>();
  private @Nullable BrokerClient client;
  private final Set<String> ended = new LinkedHashSet<>(); // While the broker was away.
  private long claimUntil; // From then on nobody comes for what it has kept.
  private int waitMillis = LEAST_WAIT_MILLIS;
  private boolean waiting;
  private String lastWhy = "";
  private boolean connectedOnce;
  private boolean told;
  private boolean repliesAsked;
  private boolean repliesCome;
  private volatile boolean closed;

  private record Unclaimed(String topic, MqttMessage raw, BrokerClient from) {}

  Topics(
      Executor loop,
      Endpoint endpoint,
      int maxMessageBytes,
      Function<BrokerClient.Use, BrokerClient> clients) {
    String name = MqttAddress.of(endpoint).client();
    // By a name the same in each life, so that a broker that keeps it keeps one.
    this.replyTopic = REPLIES + (name == null ? Knock.tag() : name);
    this.loop = loop;
    this.endpoint = endpoint;
    this.clients = clients;
    this.maxMessageBytes = maxMessageBytes;
    this.use =
        new BrokerClient.Use(
            name == null ? Knock.tag() : name,
            name == null ? 0 : KEPT_SECONDS,
            (int) Math.min(Integer.MAX_VALUE, (long) maxMessageBytes + BESIDE_PAYLOAD),
            this::arrived);
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  @Override
  public CompletableFuture<Void> connect(Terms terms) {
    return nothing(start(new TopicCall(TopicCall.Pattern.CONNECT, Message.empty(), terms)));
  }

  @Override
  public CompletableFuture<Void> publish(Message message, Terms terms) {
    return nothing(start(new TopicCall(TopicCall.Pattern.PUBLISH, message, terms)));
  }

  @Override
  public CompletableFuture<Void> send(Message message, Terms terms) {
    return nothing(start(new TopicCall(TopicCall.Pattern.SEND, message, terms)));
  }

  @Override
  public CompletableFuture<Message> request(Message message, Terms terms) {
    return start(new TopicCall(TopicCall.Pattern.REQUEST, message, terms));
  }

  private static CompletableFuture<Void> nothing(CompletableFuture<Message> done) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    done.whenComplete(
        (message, failure) -> {
          if (failure == null) {
            result.complete(null);
          } else {
            result.completeExceptionally(failure);
          }
        });
    result.whenComplete((nothing, failure) -> done.cancel(false));
    return result;
  }

  private CompletableFuture<Message> start(TopicCall call) {
    CompletableFuture<Void> timer = new CompletableFuture<>();
    timer.orTimeout(call.timeLeft().toNanos(), TimeUnit.NANOSECONDS);
    timer.whenComplete(
        (nothing, late) -> {
          if (late != null) {
            loop.execute(() -> expire(call));
          }
        });
    call.result.whenComplete(
        (reply, failure) -> {
          timer.complete(null);
          loop.execute(() -> forget(call));
        });
    loop.execute(() -> begin(call));
    return call.result;
  }

  private void begin(TopicCall call) {
    if (call.result.isDone()) {
      return;
    }
    if (closed) {
      fail(call, gone(Delivered.NO));
    } else if (call.pattern == TopicCall.Pattern.REQUEST && call.terms.needs().isDurable()) {
      fail(
          call,
          noPath(
              call.what(),
              "a request waits for its reply, so it does not survive the absence of who handles it",
              "send or publish what must survive it"));
    } else {
      calls.add(call);
      if (call.pattern == TopicCall.Pattern.REQUEST) {
        requests.put(call.tag, call);
      }
      if (connected) {
        dispatch(call);
      } else if (waiting && !call.terms.waitForReady()) {
        fail(call, new ConnectException("cannot connect to " + endpoint + ": " + lastWhy, null));
      } else {
        dial();
      }
    }
  }

  private void forget(TopicCall call) {
    calls.remove(call);
    requests.remove(call.tag, call);
    if (client != null && call.given != null) {
      client.withdraw(call.given);
    }
  }

  private void expire(TopicCall call) {
    fail(
        call,
        new DeadlineExceededException(
            call.sent ? Delivered.MAYBE : Delivered.NO,
            call.what()
                + ": its deadline passed while "
                + (!call.sent
                    ? "it waited for " + endpoint
                    : call.pattern == TopicCall.Pattern.REQUEST
                        ? "it waited for a reply"
                        : "the broker had not confirmed it")));
  }

  private static void fail(TopicCall call, MessagingException why) {
    call.result.completeExceptionally(why);
  }

  private MessagingException gone(Delivered delivered) {
    return new CallException(
        StatusCode.FAILED_PRECONDITION,
        delivered,
        "the remote of " + endpoint + " is closed: connect another one",
        Map.of(),
        null);
  }

  private NoPathException noPath(String what, String reason, String remedy) {
    return new NoPathException(
        endpoint + " does not meet the needs of " + what + ": " + reason + " (" + remedy + ")",
        List.of(new NoPathException.Rejection(endpoint.toString(), reason, remedy)));
  }

  private void dispatch(TopicCall call) {
    BrokerClient at = client;
    if (at == null || call.result.isDone() || call.sent) {
      return;
    }
    if (call.pattern == TopicCall.Pattern.CONNECT) {
      call.result.complete(Message.empty());
    } else if (call.pattern == TopicCall.Pattern.REQUEST && !repliesCome) {
      askForReplies(at);
    } else {
      MqttMessage message = TopicMessages.of(call.message, call.qos());
      message.setRetained(call.isRetained());
      if (call.pattern == TopicCall.Pattern.REQUEST) {
        TopicMessages.ask(message, replyTopic, call.tag, call.timeLeft());
      }
      if (call.expires()) {
        TopicMessages.expire(message, call.timeLeft());
      }
      MessagingException refused = refusal(call, message, at.granted());
      if (refused != null) {
        fail(call, refused);
        return;
      }
      call.sent = true;
      call.given = message;
      int attempt = ++call.sends;
      at.publish(call.message.topic(), message, failure -> confirmed(at, call, attempt, failure));
    }
  }

  private @Nullable MessagingException refusal(
      TopicCall call, MqttMessage message, MqttProperties granted) {
    try {
      TopicMessages.check(message);
    } catch (IllegalArgumentException e) {
      return TopicFailures.notTaken(call.what(), e);
    }
    if (message.isRetained() && !granted.isRetainAvailable()) {
      return noPath(call.what(), "the broker retains nothing", "turn it on there");
    }
    if (message.getQos() > 0 && Integer.valueOf(0).equals(granted.getMaximumQoS())) {
      return noPath(call.what(), "the broker takes QoS 0 only", "publish AT_MOST_ONCE");
    }
    return tooLarge(call.what(), call.message.topic(), message, granted, Delivered.NO);
  }

  /** Why the broker does not take so much; null if it does. */
  private static @Nullable OverloadedException tooLarge(
      String what, String topic, MqttMessage message, MqttProperties granted, Delivered delivered) {
    Long most = granted.getMaximumPacketSize();
    long bytes = TopicMessages.packetBytes(topic, message);
    return most == null || bytes <= most
        ? null
        : OverloadedException.tooLarge(
            delivered,
            what
                + ": its packet of up to "
                + bytes
                + " bytes exceeds the "
                + most
                + " that the broker takes: raise its maximum packet size, or send less");
  }

  private void confirmed(
      BrokerClient at, TopicCall call, int attempt, @Nullable Throwable failure) {
    if (call.result.isDone() || !call.sent || call.sends != attempt) {
      return;
    }
    call.given = null; // Nothing waits any more that could be withdrawn.
    int code = failure instanceof MqttException mqtt ? mqtt.getReasonCode() : -1;
    if (failure == null) {
      if (call.pattern != TopicCall.Pattern.REQUEST) {
        call.result.complete(Message.empty());
      }
    } else if (code == Failures.NOBODY && call.isRetained()) {
      call.result.complete(Message.empty()); // It is there for who comes.
    } else if (TopicFailures.isAnswer(failure)) {
      fail(call, TopicFailures.of(call.what(), failure));
    } else if (failure instanceof RuntimeException) {
      fail(call, TopicFailures.notTaken(call.what(), failure));
    } else {
      call.sent = code != MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED;
      at.lost(Failures.textOf(failure)); // Where it left, nobody knows what became of it.
    }
  }

  /** The client is lost, and nobody knows what the broker has. */
  private void unsure(TopicCall call, String why) {
    if (call.mayRepeat()) {
      call.sent = false;
    } else {
      fail(
          call,
          new SessionLostException(
              Delivered.MAYBE,
              call.what()
                  + ": the broker was lost before it answered ("
                  + why
                  + "); where it may be made twice, say so by idempotent()",
              null));
    }
  }

  private void askForReplies(BrokerClient at) {
    if (repliesAsked) {
      return;
    }
    repliesAsked = true;
    MqttSubscription subscription = new MqttSubscription(replyTopic, 1);
    subscription.setRetainHandling(2); // None.
    at.subscribe(
        subscription,
        new MqttProperties(),
        failure -> {
          if (at != client || !connected) {
            return;
          }
          if (failure != null && !TopicFailures.isAnswer(failure)) {
            at.lost(Failures.textOf(failure));
            return;
          }
          repliesCome = failure == null;
          repliesAsked = failure == null;
          for (TopicCall each : List.copyOf(requests.values())) {
            if (failure == null) {
              dispatch(each);
            } else {
              fail(each, TopicFailures.of(each.what() + ": subscribe " + replyTopic, failure));
            }
          }
        });
  }

  @Override
  public Flow.Publisher<Message> subscribe(Subscription subscription) {
    return subscriber -> {
      TopicFlow flow =
          flow(
              subscription,
              new TopicFlow.Taker() {
                @Override
                public void take(Message message, MqttMessage raw) {
                  subscriber.onNext(message);
                }

                @Override
                public void failed(Throwable why) {
                  subscriber.onError(why);
                }
              });
      subscriber.onSubscribe(flow);
      begin(flow);
    };
  }

  /** What one subscriber has, before it has {@linkplain #begin begun}. */
  TopicFlow flow(Subscription subscription, TopicFlow.Taker taker) {
    return new TopicFlow(loop, this, subscription, taker);
  }

  void begin(TopicFlow flow) {
    loop.execute(() -> add(flow));
  }

  private void add(TopicFlow flow) {
    if (flow.isOver()) {
      return;
    }
    Subscription terms = flow.terms;
    String what = "subscribe " + terms.filter();
    String group = terms.headers().first(TopicMessages.SHARE).orElse("");
    if (closed) {
      flow.fail(gone(Delivered.NO));
    } else if (!group.isEmpty() && !group.matches(GROUP)) {
      flow.fail(
          new CallException(
              StatusCode.INVALID_ARGUMENT,
              Delivered.NO,
              what + ": the group of " + TopicMessages.SHARE + " must be of the form " + GROUP,
              Map.of(),
              null));
    } else if (terms.overflow() == OverflowPolicy.BLOCK && !flow.isReliable()) {
      flow.fail(
          noPath(
              what,
              "a broker does not wait for who subscribes AT_MOST_ONCE, so BLOCK blocks nobody",
              "need AT_LEAST_ONCE, or choose another overflow policy"));
    } else {
      String whole = group.isEmpty() ? terms.filter() : "$share/" + group + "/" + terms.filter();
      TopicFilter filter =
          filters.computeIfAbsent(whole, key -> new TopicFilter(whole, terms.filter()));
      filter.flows.add(flow);
      ended.remove(whole);
      if (connected && client != null) {
        ask(client, filter);
      } else {
        dial();
      }
    }
  }

  /** No more is to come of a flow, which has what the broker has sent and keeps for it. */
  void leave(TopicFlow flow) {
    for (TopicFilter filter : filters.values()) {
      if (!filter.leaving && filter.flows.contains(flow)) {
        filter.leaving = true;
        if (connected && client != null) {
          client.unsubscribe(filter.whole);
        }
      }
    }
  }

  private void ask(BrokerClient at, TopicFilter filter) {
    if (filter.leaving) {
      return;
    }
    MqttProperties granted = at.granted();
    String what = "subscribe " + filter.whole;
    if (filter.whole.startsWith("$share/") && !granted.isSharedSubscriptionAvailable()) {
      end(filter, noPath(what, "the broker has no shared subscriptions", "turn them on there"));
    } else if (filter.subscription().getQos() > 0
        && Integer.valueOf(0).equals(granted.getMaximumQoS())) {
      end(filter, noPath(what, "the broker takes QoS 0 only", "subscribe AT_MOST_ONCE"));
    } else {
      at.subscribe(
          filter.subscription(),
          filter.properties(granted.isSubscriptionIdentifiersAvailable()),
          failure -> {
            if (at == client && connected && filters.get(filter.whole) == filter) {
              if (failure == null) {
                answered(at, filter);
              } else if (TopicFailures.isAnswer(failure)) {
                end(filter, TopicFailures.of(what, failure));
              } else {
                at.lost(Failures.textOf(failure)); // It is asked again.
              }
            }
          });
    }
  }

  private void answered(BrokerClient at, TopicFilter filter) {
    for (TopicFlow flow : List.copyOf(filter.flows)) {
      flow.accepted(at);
    }
    for (Unclaimed each : List.copyOf(unclaimed)) {
      if (filter.selects(each.topic, each.raw) && unclaimed.remove(each)) {
        deliver(each.topic, each.raw, each.from, filter.flows);
      }
    }
  }

  private static void end(TopicFilter filter, MessagingException why) {
    List.copyOf(filter.flows).forEach(flow -> flow.fail(why));
  }

  /** A flow is over. */
  void remove(TopicFlow flow) {
    for (TopicFilter filter : List.copyOf(filters.values())) {
      if (filter.flows.remove(flow) && filter.flows.isEmpty()) {
        filters.remove(filter.whole);
        if (connected && client != null) {
          client.unsubscribe(filter.whole);
        } else if (use.keptSeconds() > 0 && ended.size() < MOST_ENDED) {
          ended.add(filter.whole);
        }
      }
    }
  }

  private void dial() {
    if (waiting || closed || client != null) {
      return;
    }
    BrokerClient next = clients.apply(use);
    client = next;
    next.lost().thenAccept(why -> loop.execute(() -> lost(next, why)));
    next.ready()
        .whenComplete(
            (ready, failure) -> {
              if (failure == null) {
                connected(next);
              } else {
                notReached(next, failure);
              }
            });
    next.connect();
  }

  private void connected(BrokerClient at) {
    if (closed || at != client) {
      at.end();
      return;
    }
    connected = true;
    connectedOnce = true;
    claimUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(UNCLAIMED_SECONDS);
    if (at.isKnown()) {
      ended.forEach(at::unsubscribe);
    }
    ended.clear();
    CompletableFuture.delayedExecutor(MOST_WAIT_MILLIS, TimeUnit.MILLISECONDS, loop)
        .execute(
            () -> {
              if (at == client) { // It lasts: nobody else takes its name again and again.
                told = false;
                waitMillis = LEAST_WAIT_MILLIS;
              }
            });
    List.copyOf(filters.values()).forEach(filter -> ask(at, filter));
    List.copyOf(calls).forEach(this::dispatch);
  }

  /** Calls wait for a broker that was there before; what it refuses, and its absence, are told. */
  private void notReached(BrokerClient tried, Throwable failure) {
    if (tried != client) {
      return;
    }
    client = null;
    MessagingException why = Failures.of(endpoint, "cannot connect to " + endpoint, failure);
    boolean passes = connectedOnce && why instanceof ConnectException;
    for (TopicCall call : List.copyOf(calls)) {
      if (!passes || !call.terms.waitForReady()) {
        fail(call, why);
      }
    }
    for (TopicFilter filter : List.copyOf(filters.values())) {
      for (TopicFlow flow : List.copyOf(filter.flows)) {
        if (!passes && !flow.isAccepted()) {
          flow.fail(why);
        }
      }
    }
    again(Failures.textOf(failure));
  }

  private void lost(BrokerClient gone, String why) {
    if (gone != client) {
      return;
    }
    client = null;
    connected = false;
    repliesAsked = false;
    repliesCome = false;
    unclaimed.clear(); // It sends them again.
    if (use.keptSeconds() > 0) {
      filters.values().forEach(filter -> filter.flows.forEach(TopicFlow::comesAgain));
    }
    for (TopicCall call : List.copyOf(calls)) {
      if (call.sent) {
        unsure(call, why);
      }
    }
    if (gone.goodbye() == TAKEN_OVER) {
      close(
          new CallException(
              StatusCode.FAILED_PRECONDITION,
              Delivered.NO,
              "another client took over as "
                  + use.id()
                  + " at "
                  + endpoint
                  + ": give each one a name of its own",
              Map.of(),
              null));
    } else {
      again(why);
    }
  }

  private void again(String why) {
    if (waiting
        || closed
        || (filters.isEmpty() && calls.stream().allMatch(c -> c.result.isDone()))) {
      return;
    }
    lastWhy = why;
    if (!told) {
      told = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "nothing comes from {0} until its broker takes this side again: {1}",
          endpoint,
          why);
    }
    waiting = true;
    int wait = waitMillis;
    waitMillis = Math.min(2 * wait, MOST_WAIT_MILLIS);
    CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS, loop)
        .execute(
            () -> {
              waiting = false;
              if (!filters.isEmpty() || !calls.isEmpty()) {
                dial();
              }
            });
  }

  private void arrived(String topic, MqttMessage raw) {
    BrokerClient from = client;
    if (from == null) {
      return;
    }
    long missed = from.missed();
    if (missed > 0) {
      filters.values().forEach(filter -> filter.flows.forEach(flow -> flow.missed(missed)));
    }
    if (topic.equals(replyTopic)) {
      from.acknowledge(raw);
      replied(raw);
      return;
    }
    List<TopicFlow> targets = new ArrayList<>();
    for (TopicFilter filter : filters.values()) {
      if (filter.selects(topic, raw)) {
        targets.addAll(filter.flows);
      }
    }
    if (targets.isEmpty()
        && from.isKnown()
        && raw.getQos() > 0
        && claimUntil - System.nanoTime() > 0) {
      Unclaimed kept = new Unclaimed(topic, raw, from);
      unclaimed.add(kept);
      CompletableFuture.delayedExecutor(UNCLAIMED_SECONDS, TimeUnit.SECONDS, loop)
          .execute(() -> letGo(kept));
    } else {
      deliver(topic, raw, from, targets);
    }
  }

  private void replied(MqttMessage raw) {
    TopicCall call = requests.get(TopicMessages.tagOf(raw));
    if (call == null || raw.isRetained()) {
      return; // Too late, or nobody's.
    }
    MessagingException failure = TopicMessages.failure(raw);
    if (failure != null) {
      fail(call, failure);
    } else {
      call.result.complete(TopicMessages.of("", raw));
    }
  }

  /** The broker kept it for a subscription of an earlier life, which nobody makes any more. */
  private void letGo(Unclaimed kept) {
    if (unclaimed.remove(kept)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a message on {0} that {1} kept for {2} is let go: nobody has subscribed to it again"
              + " within {3} s",
          kept.topic,
          endpoint,
          use.id(),
          UNCLAIMED_SECONDS);
      kept.from.acknowledge(kept.raw);
    }
  }

  private void deliver(String topic, MqttMessage raw, BrokerClient from, List<TopicFlow> targets) {
    boolean tooLarge = raw.getPayload().length > maxMessageBytes;
    if (targets.isEmpty() || tooLarge) {
      targets.forEach(flow -> flow.missed(1));
      from.acknowledge(raw);
      return;
    }
    TopicFlow.Delivery delivery =
        new TopicFlow.Delivery(TopicMessages.of(topic, raw), raw, from, targets.size());
    List.copyOf(targets).forEach(flow -> flow.offer(delivery));
  }

  /** A reply, or what its caller has where the broker does not take so much. */
  private static MqttMessage fitting(String topic, MqttMessage reply, MqttProperties granted) {
    OverloadedException refused = tooLarge("the reply", topic, reply, granted, Delivered.YES);
    if (refused == null) {
      return reply;
    }
    MqttMessage failed = TopicMessages.failed(refused);
    failed.getProperties().setCorrelationData(reply.getProperties().getCorrelationData());
    failed
        .getProperties()
        .setMessageExpiryInterval(reply.getProperties().getMessageExpiryInterval());
    return failed;
  }

  /**
   * Publishes a reply, which is of no use where the broker is lost.
   *
   * @param over told on the loop when the broker has it, or will not
   */
  void reply(String topic, MqttMessage message, Runnable over) {
    loop.execute(
        () -> {
          BrokerClient at = client;
          if (at != null && connected && REPLY_TOPIC.matcher(topic).matches()) {
            at.publish(topic, fitting(topic, message, at.granted()), failure -> over.run());
          } else {
            over.run();
          }
        });
  }

  @Override
  public void close() {
    loop.execute(this::closeNow);
  }

  /** The same on the loop. */
  void closeNow() {
    close(gone(Delivered.NO));
  }

  private void close(MessagingException why) {
    if (closed) {
      return;
    }
    closed = true;
    connected = false;
    for (TopicCall call : List.copyOf(calls)) {
      fail(call, call.sent ? gone(Delivered.MAYBE) : why);
    }
    List<TopicFilter> left = List.copyOf(filters.values());
    filters.clear();
    left.forEach(filter -> List.copyOf(filter.flows).forEach(flow -> flow.leave(why)));
    if (client != null) {
      client.end();
    }
  }

  /** Whether it is of no use any more. */
  boolean isClosed() {
    return closed;
  }
}
