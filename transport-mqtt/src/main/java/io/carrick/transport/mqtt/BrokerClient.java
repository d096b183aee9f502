package io.carrick.transport.mqtt;

import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsContexts;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * One MQTT connection to a broker, by a client of Paho that is used once. Everything is on the loop
 * but Paho's callbacks, which only hand over: one that waits stops Paho's reading.
 */
final class BrokerClient implements MqttCallback {

  /** The largest packet of frames, with its topic and its properties. */
  static final int LEAST_PACKET_BYTES = 65 * 1024;

  /** What has come and is not handled yet; what comes beyond is lost, and missed as a gap. */
  private static final int MAX_WAITING = 4_096;

  private static final int MAX_WAITING_BYTES = 16 << 20;

  /** Subscriptions, and their ends, that a broker may leave unanswered. */
  private static final int MAX_UNANSWERED = 8_192;

  /** Publishes at Paho at a time, where the broker names no fewer. */
  private static final int MOST_AT_ONCE = 1_024;

  /** Publishes that wait for their turn: 32 for each of some thousand connections. */
  private static final int MAX_OUTBOX = 131_072;

  /** What the broker may take to read a word of goodbye. */
  private static final int DISCONNECT_MILLIS = 200;

  /** Messages of QoS 1 that the broker may send before the first of them is acknowledged. */
  static final int RECEIVE_MAXIMUM = 64;

  /**
   * And what those may hold of one that does not keep to that, with 1 KiB for each beside its
   * payload; beyond, its connection ends.
   */
  static final int MAX_UNACKNOWLEDGED_BYTES = 64 << 20;

  private static final int EACH_BYTES = 1_024;

  /** Acknowledgements that wait in Paho for a broker that reads nothing. */
  static final int MAX_UNWRITTEN = 8_192;

  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final String GONE = "carrick/v1/gone/";

  // Paho's socket is ours and knows where to connect to, so this names nobody.
  private static final String NOWHERE = "tcp://127.0.0.1:1";

  private final Executor loop;
  private final Endpoint endpoint;
  private final Use use;
  private final BrokerSocket socket;
  private final long timeoutMillis;
  private final CompletableFuture<BrokerClient> ready = new CompletableFuture<>();
  private final CompletableFuture<String> lost = new CompletableFuture<>(); // With the reason.
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger waitingBytes = new AtomicInteger();
  private final AtomicInteger unacknowledged = new AtomicInteger();
  private final AtomicInteger unwritten = new AtomicInteger();
  private final AtomicLong unacknowledgedBytes = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private volatile int goodbye;

  // On the loop.
  private final Map<String, Consumer<MqttMessage>> topics = new HashMap<>();
  private final Map<String, Set<Consumer<String>>> watched = new HashMap<>(); // By peer.

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<Publish> outbox = new LinkedList<>();

  private int mostAtOnce = 1;
  private int publishing;
  private int asking;
  private boolean takesQos1;
  private boolean shares;
  private boolean known;
  private MqttProperties granted = new MqttProperties();
  private @Nullable MqttAsyncClient client;

  /** A client that is not connected. */
  BrokerClient(Executor loop, MqttAddress address, TlsContexts tls, Use use, long timeoutMillis) {
    this.loop = loop;
    this.endpoint = address.broker();
    this.use = use;
    this.timeoutMillis = timeoutMillis;
    this.socket =
        new BrokerSocket(
            address,
            tls,
            timeoutMillis,
            use.maxPacketBytes(),
            () -> unwritten.updateAndGet(left -> Math.max(0, left - 1)));
  }

  /**
   * What a client is for.
   *
   * @param id of MQTT; for sessions one that nobody can guess
   * @param keptSeconds how long the broker keeps its subscriptions and messages when it is away
   * @param maxPacketBytes the largest packet that it takes
   * @param taker takes all messages, on the loop, and acknowledges them; null where each topic has
   *     its handler, and retained messages are nobody's
   */
  record Use(
      String id,
      long keptSeconds,
      int maxPacketBytes,
      @Nullable BiConsumer<String, MqttMessage> taker) {

    static Use forSessions(String id) {
      return new Use(id, 0, InboundPackets.MAX_BYTES, null);
    }
  }

  private record Publish(
      String topic, MqttMessage message, Consumer<@Nullable Throwable> confirmed) {}

  /** How its peers know it: see {@link #watch}. */
  String id() {
    return use.id();
  }

  /** What the broker said when it took this client, which is ready. */
  MqttProperties granted() {
    return granted;
  }

  /** Whether the broker had kept its subscriptions. */
  boolean isKnown() {
    return known;
  }

  /** With which reason code the broker said goodbye; 0 where it did not. */
  int goodbye() {
    return goodbye;
  }

  /** How many messages of QoS 0 came beyond what may wait, since the last time. */
  long missed() {
    return missed.getAndSet(0);
  }

  /** Done on the loop when the broker has taken it, or with why not. */
  CompletableFuture<BrokerClient> ready() {
    return ready;
  }

  /** Done on the loop when it is of no use any more. */
  CompletableFuture<String> lost() {
    return lost;
  }

  /** Connects, without waiting for it. */
  void connect() {
    CompletableFuture.delayedExecutor(timeoutMillis, TimeUnit.MILLISECONDS, loop)
        .execute(
            () -> {
              if (!ready.isDone()) {
                fail(
                    new SocketTimeoutException(
                        "the broker did not answer within " + timeoutMillis + " ms"));
              }
            });
    try {
      PahoLog.quiet();
      MqttAsyncClient made = new MqttAsyncClient(NOWHERE, use.id(), new MemoryPersistence());
      client = made;
      made.setCallback(this);
      made.setManualAcks(use.taker() != null);
      made.connect(options(), null, told(this::connected));
    } catch (MqttException | RuntimeException e) {
      fail(e);
    }
  }

  private MqttConnectionOptions options() {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(use.keptSeconds() == 0);
    options.setSessionExpiryInterval(use.keptSeconds());
    options.setAutomaticReconnect(false);
    options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
    options.setReceiveMaximum(RECEIVE_MAXIMUM);
    options.setMaximumPacketSize((long) use.maxPacketBytes());
    options.setSocketFactory(new OneSocket(socket));
    if (use.taker() == null) {
      options.setWill(GONE + id(), new MqttMessage(new byte[0], 1, false, new MqttProperties()));
      options.setWillMessageProperties(new MqttProperties());
    }
    return options;
  }

  private void connected(@Nullable IMqttToken token, @Nullable Throwable failure) {
    if (token == null || failure != null) {
      fail(failure == null ? new EOFException("no CONNACK") : failure);
      return;
    }
    if (lost.isDone()) {
      socket.cut(); // It came too late.
      return;
    }
    granted = token.getResponseProperties();
    known = token.getSessionPresent();
    Long packet = granted.getMaximumPacketSize();
    if (packet != null && packet < LEAST_PACKET_BYTES && use.taker() == null) {
      fail(
          Failures.unusable(
              endpoint,
              "it takes packets of at most "
                  + packet
                  + " bytes, and a session needs "
                  + LEAST_PACKET_BYTES
                  + "; raise its maximum packet size"));
      return;
    }
    Integer atOnce = granted.getReceiveMaximum();
    mostAtOnce = atOnce == null ? MOST_AT_ONCE : Math.max(1, Math.min(atOnce, MOST_AT_ONCE));
    takesQos1 = !Integer.valueOf(0).equals(granted.getMaximumQoS());
    shares = granted.isSharedSubscriptionAvailable();
    ready.complete(this);
  }

  /** Whether connections with this QoS can be had here, told by what is thrown if not. */
  void require(int qos, boolean shared) {
    if (qos == 1 && !takesQos1) {
      throw Failures.unusable(endpoint, "it takes QoS 0 only; leave ?qos=1 away");
    }
    if (shared && !shares) {
      throw Failures.unusable(
          endpoint, "it has no shared subscriptions, which services need; turn them on there");
    }
  }

  /** Gives it up: connecting failed, or the broker is not as it must be. */
  private void fail(Throwable why) {
    lost(Failures.textOf(why));
    ready.completeExceptionally(why);
  }

  /** It is of no use any more: its connections end. */
  void lost(String why) {
    if (lost.complete(why)) {
      socket.cut();
      topics.clear();
      List<Consumer<String>> told = watched.values().stream().flatMap(Set::stream).toList();
      watched.clear();
      told.forEach(each -> each.accept(why));
      MqttException gone = new MqttException(MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED);
      for (Publish next; (next = outbox.poll()) != null; ) {
        next.confirmed.accept(gone);
      }
    }
  }

  /**
   * Subscribes; messages of the topic go to the handler from now on. One that is retained is
   * nobody's.
   *
   * @param filter the topic, or a share of it
   * @param answered told on the loop, with the failure if there was one
   */
  void subscribe(
      String filter,
      String topic,
      int qos,
      Consumer<MqttMessage> handler,
      Consumer<@Nullable Throwable> answered) {
    topics.put(topic, handler);
    MqttSubscription subscription = new MqttSubscription(filter, qos);
    subscription.setRetainHandling(2); // None.
    subscribe(subscription, new MqttProperties(), answered);
  }

  /** Subscribes; the taker has its messages. */
  void subscribe(
      MqttSubscription subscription,
      MqttProperties properties,
      Consumer<@Nullable Throwable> answered) {
    ask(
        (paho, listener) ->
            paho.subscribe(new MqttSubscription[] {subscription}, null, listener, properties),
        answered);
  }

  /** Ends a subscription of the taker. */
  void unsubscribe(String filter) {
    ask((paho, listener) -> paho.unsubscribe(filter, null, listener), failure -> {});
  }

  /** Acknowledges a message that the taker has had, if it is one of QoS 1. Never waits. */
  void acknowledge(MqttMessage message) {
    MqttAsyncClient paho = client;
    if (message.getQos() == 0 || paho == null || lost.isDone()) {
      return; // The broker sends it again.
    }
    try {
      unacknowledgedBytes.addAndGet(-EACH_BYTES - message.getPayload().length);
      unacknowledged.decrementAndGet(); // Before the broker may send another one for it.
      acknowledges();
      paho.messageArrivedComplete(message.getId(), message.getQos());
    } catch (MqttException | RuntimeException e) {
      lost(Failures.textOf(e));
    }
  }

  /** Whether the topic has a handler. */
  boolean has(String topic) {
    return topics.containsKey(topic);
  }

  /** Ends a subscription; its handler gets what comes until the broker has answered. */
  void unsubscribe(String filter, String topic) {
    Consumer<MqttMessage> handler = topics.get(topic);
    if (handler != null) {
      ask(
          (paho, listener) -> paho.unsubscribe(filter, null, listener),
          failure -> topics.remove(topic, handler));
    }
  }

  /** Tells when the client of a peer has died, by its last will, or this one is lost. */
  void watch(String peer, Consumer<String> gone) {
    Set<Consumer<String>> told = watched.get(peer);
    if (told == null) {
      told = new HashSet<>();
      watched.put(peer, told);
      subscribe(
          GONE + peer,
          GONE + peer,
          0,
          message ->
              List.copyOf(watched.getOrDefault(peer, Set.of()))
                  .forEach(each -> each.accept("the peer is gone, by its last will")),
          failure -> {});
    }
    told.add(gone);
  }

  /** Ends that. */
  void unwatch(String peer, Consumer<String> gone) {
    Set<Consumer<String>> told = watched.get(peer);
    if (told != null && told.remove(gone) && told.isEmpty()) {
      watched.remove(peer);
      unsubscribe(GONE + peer, GONE + peer);
    }
  }

  private interface Request {
    void start(MqttAsyncClient paho, MqttActionListener listener) throws MqttException;
  }

  private void ask(Request request, Consumer<@Nullable Throwable> answered) {
    asking++;
    if (asking > MAX_UNANSWERED) {
      lost("the broker leaves " + MAX_UNANSWERED + " subscriptions unanswered");
    }
    start(
        request,
        failure -> {
          asking--;
          answered.accept(failure);
        });
  }

  /**
   * Publishes, behind what was published before.
   *
   * @param confirmed told on the loop when the network has it, or for QoS 1 the broker; else with
   *     the failure. For QoS 1 it is one that nobody has subscribed to the topic
   */
  void publish(
      String topic,
      byte[] body,
      int qos,
      MqttProperties properties,
      Consumer<@Nullable Throwable> confirmed) {
    publish(topic, new MqttMessage(body, qos, false, properties), confirmed);
  }

  /** Publishes a message so. */
  void publish(String topic, MqttMessage message, Consumer<@Nullable Throwable> confirmed) {
    outbox.add(new Publish(topic, message, confirmed));
    if (outbox.size() > MAX_OUTBOX) {
      lost("the broker lets " + MAX_OUTBOX + " messages wait");
    }
    pump();
  }

  /** Nobody waits for it any more: where it has not had its turn, it has none. */
  void withdraw(MqttMessage message) {
    outbox.removeIf(each -> each.message == message);
  }

  /** Paho throws where more wait than the broker takes at once, so they wait here. */
  private void pump() {
    for (Publish next; publishing < mostAtOnce && (next = outbox.poll()) != null; ) {
      Publish publish = next;
      publishing++;
      start(
          (paho, listener) -> paho.publish(publish.topic, publish.message, null, listener),
          failure -> {
            publishing--;
            publish.confirmed.accept(failure);
            pump();
          });
    }
  }

  private void start(Request request, Consumer<@Nullable Throwable> answered) {
    MqttActionListener listener = told((token, failure) -> answered.accept(failure));
    try {
      if (lost.isDone() || client == null) {
        throw new MqttException(MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED);
      }
      request.start(client, listener);
    } catch (MqttException | RuntimeException e) {
      listener.onFailure(null, e);
    }
  }

  /** Hands an answer of Paho over to the loop, once; one with a reason code is a failure. */
  private MqttActionListener told(BiConsumer<@Nullable IMqttToken, @Nullable Throwable> answered) {
    AtomicBoolean once = new AtomicBoolean();
    return new MqttActionListener() {
      @Override
      public void onSuccess(IMqttToken token) {
        int[] codes = token.getReasonCodes();
        int code = codes == null || codes.length == 0 ? 0 : codes[0];
        tell(token, code >= 0x80 || code == Failures.NOBODY ? new MqttException(code) : null);
      }

      @Override
      public void onFailure(@Nullable IMqttToken token, @Nullable Throwable failure) {
        tell(token, failure == null ? new IOException("the broker did not answer") : failure);
      }

      private void tell(@Nullable IMqttToken token, @Nullable Throwable failure) {
        if (once.compareAndSet(false, true)) {
          loop.execute(() -> answered.accept(token, failure));
        }
      }
    };
  }

  /** On Paho's thread. */
  @Override
  public void messageArrived(String topic, MqttMessage message) {
    int bytes = message.getPayload().length;
    BiConsumer<String, MqttMessage> taker = use.taker();
    boolean kept = taker != null && message.getQos() > 0; // It is bounded by its own count.
    boolean full = waiting.get() >= MAX_WAITING || waitingBytes.get() + bytes > MAX_WAITING_BYTES;
    if (taker == null ? full || message.isRetained() : full && !kept) {
      missed.incrementAndGet();
      return; // Nothing of sessions is retained; what is too much is missed.
    }
    if (kept
        && isTooMuch(
            unacknowledged.incrementAndGet(), unacknowledgedBytes.addAndGet(EACH_BYTES + bytes))) {
      loop.execute(() -> lost("the broker sends far more than this side acknowledges"));
      return;
    }
    if (taker == null && message.getQos() > 0) {
      acknowledges();
    }
    waiting.incrementAndGet();
    waitingBytes.addAndGet(bytes);
    loop.execute(
        () -> {
          waiting.decrementAndGet();
          waitingBytes.addAndGet(-bytes);
          Consumer<MqttMessage> handler = topics.get(topic);
          if (taker != null) {
            give(taker, topic, message);
          } else if (handler != null) {
            handler.accept(message);
          }
        });
  }

  private void give(BiConsumer<String, MqttMessage> taker, String topic, MqttMessage message) {
    if (lost.isDone()) {
      return; // Another client would acknowledge it.
    }
    try {
      taker.accept(topic, message);
    } catch (RuntimeException | Error e) {
      lost("a message of " + topic + " was not taken: " + e); // The broker sends it again.
    }
  }

  /** Paho queues one more acknowledgement. */
  private void acknowledges() {
    if (unwritten.incrementAndGet() > MAX_UNWRITTEN) {
      loop.execute(() -> lost("the broker does not read what this side acknowledges"));
    }
  }

  /** Mosquitto 2.0 sends more than it was told to, where acknowledgements come late. */
  private static boolean isTooMuch(int messages, long bytes) {
    return messages > RECEIVE_MAXIMUM && bytes > MAX_UNACKNOWLEDGED_BYTES;
  }

  /** On a thread of Paho. */
  @Override
  public void disconnected(MqttDisconnectResponse why) {
    String told =
        why.getException() == null
            ? Failures.nameOf(why.getReturnCode())
            : Failures.textOf(why.getException());
    goodbye = why.getException() == null ? why.getReturnCode() : 0;
    loop.execute(() -> lost("the broker went away: " + told));
  }

  @Override
  public void mqttErrorOccurred(MqttException e) {
    // It disconnects, or it matters to nobody.
  }

  @Override
  public void deliveryComplete(IMqttToken token) {
    // Each publish has a listener of its own.
  }

  @Override
  public void connectComplete(boolean reconnect, String uri) {
    // The listener of the connect is told.
  }

  @Override
  public void authPacketArrived(int code, MqttProperties properties) {
    // Nothing of ours is asked so.
  }

  /**
   * Ends it: in order where the broker has taken all, so that it publishes no last will. Paho's
   * threads follow within a second, since their socket is closed.
   */
  void end() {
    if (ready.isDone() && publishing == 0) {
      CompletableFuture.delayedExecutor(DISCONNECT_MILLIS, TimeUnit.MILLISECONDS)
          .execute(socket::cut);
      socket.disconnect();
    }
    socket.cut();
  }
}
