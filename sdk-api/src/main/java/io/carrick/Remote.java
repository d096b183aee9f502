package io.carrick;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A service as seen from a node: calls are made on it. It has one session with one instance of the
 * service, over the best of its endpoints that answers. Safe for use by any thread.
 *
 * <p>The session is opened by the first call and outlives its connections: when one breaks, or a
 * better path appears, the session goes on over another, and calls wait in it meanwhile. A lost one
 * is replaced: calls made meanwhile wait for it until their deadline. Futures complete on a thread
 * of Carrick for callbacks, or on the thread that waits in {@code join()} or {@code get()}; their
 * continuations may wait for other calls, and 896 at a time for other continuations (then {@link
 * IllegalStateException}; no bound on virtual threads). Cancelling a future cancels the call at the
 * peer. They fail with a {@link MessagingException}. Streams follow the rules of Reactive Streams.
 *
 * <p>A call waits for room while 1,024 calls or 8 MiB wait in the session; on a thread of Carrick
 * it fails with {@link OverloadedException} instead. A bad topic throws {@link
 * IllegalArgumentException} at once.
 */
public interface Remote extends AutoCloseable {

  /** The service's name where it was given or learned. */
  Optional<String> service();

  /** The instance behind the present session, 32 hexadecimal digits; empty where there is none. */
  Optional<String> instance();

  /**
   * The same remote with further needs, which add to those that it has ({@link Requirements#and});
   * a view, for which nothing is dialled before its first call. At most four different hard needs
   * can be in use at a time beside those of the remote itself: calls of a fifth fail with {@link
   * OverloadedException}.
   */
  Remote with(Requirements requirements);

  /** The same remote whose calls are made with these options. */
  Remote with(CallOptions options);

  /** The same remote whose calls have this deadline: {@link CallOptions#deadline}. */
  default Remote withDeadline(Duration deadline) {
    return with(options().withDeadline(deadline));
  }

  /**
   * The same remote for calls that are made to answer another one, for its handler. Their deadline
   * is that of the options or what is left of the other call then, whichever is less; they have its
   * priority, unless the options say another than {@link Priority#NORMAL}, and its trace: the
   * headers {@code traceparent} and {@code tracestate} (W3C Trace Context), unless the options have
   * them. Nothing else is inherited, and nothing unless it is said so.
   */
  Remote within(Call call);

  /** The options that calls are made with, as they are now. */
  CallOptions options();

  /** Sends a one-way message; completes when the handler's queue has taken it. */
  CompletableFuture<Void> send(String topic, Object value);

  /** Makes a request; completes with the one reply. */
  <R> CompletableFuture<R> request(String topic, Object value, TypeRef<R> type);

  /** Makes a request; completes with the one reply. */
  default <R> CompletableFuture<R> request(String topic, Object value, Class<R> type) {
    return request(topic, value, TypeRef.of(type));
  }

  /**
   * Makes a request and waits for its reply: {@link #request} for code that blocks, as on virtual
   * threads. A handler that is {@link HandlerOptions#nonBlocking()} must not wait.
   *
   * @throws MessagingException as the future of {@link #request} fails; where it happened is in its
   *     stack trace, and where the call was made in a suppressed exception
   * @throws InterruptedException if the thread is interrupted while it waits; the call is cancelled
   */
  default <R> R call(String topic, Object value, Class<R> type) throws InterruptedException {
    return Blocking.await(request(topic, value, type));
  }

  /** Makes a request and waits for its reply, as {@link #call(String, Object, Class)} does. */
  default <R> R call(String topic, Object value, TypeRef<R> type) throws InterruptedException {
    return Blocking.await(request(topic, value, type));
  }

  /** Opens a stream for each subscriber: many replies, as fast as they are asked for. */
  <R> Flow.Publisher<R> stream(String topic, Object value, TypeRef<R> type);

  /** Opens a stream for each subscriber: many replies, as fast as they are asked for. */
  default <R> Flow.Publisher<R> stream(String topic, Object value, Class<R> type) {
    return stream(topic, value, TypeRef.of(type));
  }

  /**
   * Opens a channel for each subscriber: many values there, many items back. Where the session is
   * open, as after {@link #connect()}, the values are subscribed to before {@code subscribe}
   * returns, and otherwise when it has opened. A publisher that drops what it is given before that,
   * such as {@link java.util.concurrent.SubmissionPublisher}, must wait until it has its
   * subscriber; an {@link Emitter} keeps it.
   */
  <R> Flow.Publisher<R> channel(String topic, Flow.Publisher<?> values, TypeRef<R> type);

  /** Opens a channel for each subscriber: many values there, many items back. */
  default <R> Flow.Publisher<R> channel(String topic, Flow.Publisher<?> values, Class<R> type) {
    return channel(topic, values, TypeRef.of(type));
  }

  /**
   * Publishes to the service; completes when all its subscriptions' queues have taken it. Where one
   * that the service itself has is full, or 64 publishes of the session wait already for one that
   * is {@link OverflowPolicy#BLOCK}, nobody gets it and it fails with {@link OverloadedException}.
   */
  CompletableFuture<Void> publish(String topic, Object value);

  /**
   * Subscribes to what is published at the service. The future completes when the service has
   * accepted the filter. After a lost session the subscription is made again and {@link
   * Subscriber#onGap} is called.
   */
  <T> CompletableFuture<Registration> subscribe(
      String filter, TypeRef<T> type, OverflowPolicy policy, Subscriber<? super T> subscriber);

  /** Subscribes as {@link #subscribe(String, TypeRef, OverflowPolicy, Subscriber)} does. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, Class<T> type, OverflowPolicy policy, Subscriber<? super T> subscriber) {
    return subscribe(filter, TypeRef.of(type), policy, subscriber);
  }

  /** Subscribes with {@link OverflowPolicy#FAIL}. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, Class<T> type, Subscriber<? super T> subscriber) {
    return subscribe(filter, TypeRef.of(type), OverflowPolicy.FAIL, subscriber);
  }

  /** Subscribes where the topic and the headers are not needed. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter,
      Class<T> type,
      OverflowPolicy policy,
      Subscriber.Simple<? super T> subscriber) {
    return subscribe(filter, TypeRef.of(type), policy, (Subscriber<? super T>) subscriber);
  }

  /** Subscribes with {@link OverflowPolicy#FAIL}, topic and headers not needed. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, Class<T> type, Subscriber.Simple<? super T> subscriber) {
    return subscribe(
        filter, TypeRef.of(type), OverflowPolicy.FAIL, (Subscriber<? super T>) subscriber);
  }

  /** Subscribes with {@link OverflowPolicy#FAIL}. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, TypeRef<T> type, Subscriber<? super T> subscriber) {
    return subscribe(filter, type, OverflowPolicy.FAIL, subscriber);
  }

  /** Subscribes where the topic and the headers are not needed. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter,
      TypeRef<T> type,
      OverflowPolicy policy,
      Subscriber.Simple<? super T> subscriber) {
    return subscribe(filter, type, policy, (Subscriber<? super T>) subscriber);
  }

  /** Subscribes with {@link OverflowPolicy#FAIL}, topic and headers not needed. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, TypeRef<T> type, Subscriber.Simple<? super T> subscriber) {
    return subscribe(filter, type, OverflowPolicy.FAIL, (Subscriber<? super T>) subscriber);
  }

  /**
   * Subscribes with demand: each subscriber of the publisher has a subscription of its own, which
   * ends with an error when its session is lost.
   */
  <T> Flow.Publisher<T> subscription(String filter, TypeRef<T> type);

  /** Subscribes with demand, as {@link #subscription(String, TypeRef)} does. */
  default <T> Flow.Publisher<T> subscription(String filter, Class<T> type) {
    return subscription(filter, TypeRef.of(type));
  }

  /**
   * Opens the session now; completes when it is open. Calls do this by themselves. Fails as a call
   * does: with {@link ConnectException} where there never was a session and nobody answers, and
   * with {@link DeadlineExceededException}, which says why, after the deadline of the options.
   */
  CompletableFuture<Void> connect();

  /**
   * Which path is used and why, and what was rejected and why. Does not wait. Where a session is
   * open, endpoints that were not measured in the last 10 s are measured now, so that who asks
   * again is told.
   */
  Explanation explain();

  /** The endpoints it was configured with. */
  List<String> endpoints();

  /**
   * Hears of what happens to the path of the session from now on: as a callback, one event at a
   * time and in order. A listener that throws is logged and called again. At most 256 events wait
   * for a slow one; beyond, the oldest are left out and counted in the log.
   */
  Registration onPathEvent(Consumer<? super PathEvent> listener);

  /**
   * Moves the session to the best of its other paths, make before break: streams and calls go on.
   * On a peer that dialled this node, the peer is asked to move, since only it can.
   *
   * @return completes when another path carries the session; fails with {@link ConnectException} if
   *     none could, or with {@link DeadlineExceededException} if the peer did not move within the
   *     deadline of the options; the session is as it was before then
   */
  CompletableFuture<Void> move();

  /**
   * Moves the session to this endpoint, as {@link #move()} does. Where it is there already, nothing
   * happens.
   *
   * @param endpoint one that the remote was configured with, or that the service advertised and
   *     {@link Messenger.Builder#advertisedEndpoints} permits
   * @return fails with {@link EndpointException} if it is none of these, too, and with {@link
   *     ConnectException} of {@code FAILED_PRECONDITION} if it gives less than the floor, the needs
   *     or an open call demand
   */
  CompletableFuture<Void> move(String endpoint);

  /**
   * From now on every path must give this security, of the present sessions and of those that the
   * remote opens later: for what begins at login and must not be carried by less. A level below the
   * present floor changes nothing. Where the present path gives less, the session moves to one that
   * gives it, and until then it stays: one is looked for each time after 50 ms to 10 s, as long as
   * the session lives.
   */
  void raiseFloor(SecurityLevel level);

  /**
   * Ends the session in order: open calls have 5 s to end, the rest is cancelled. Idempotent.
   * Blocks until done (at most 10 s), except on a thread of Carrick, where it only starts.
   */
  @Override
  void close();
}
