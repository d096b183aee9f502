package io.carrick;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A service as seen from a node: calls are made on it. It has one session with one instance of the
 * service, over the best of its endpoints that answers. Safe for use by any thread.
 *
 * <p>The session is opened by the first call, and a lost one is replaced: calls made meanwhile wait
 * for it until their deadline. Futures complete on the handler executor, or on the thread that
 * waits in {@code join()} or {@code get()}; cancelling a future cancels the call at the peer. They
 * fail with a {@link MessagingException}. Streams follow the rules of Reactive Streams.
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

  /** The same remote with further needs; a view that costs nothing to make. */
  Remote with(Requirements requirements);

  /** The same remote whose calls are made with these options. */
  Remote with(CallOptions options);

  /** The options that calls are made with. */
  CallOptions options();

  /** Sends a one-way message; completes when the handler's queue has taken it. */
  CompletableFuture<Void> send(String topic, Object value);

  /** Makes a request; completes with the one reply. */
  <R> CompletableFuture<R> request(String topic, Object value, Class<R> type);

  /** Opens a stream for each subscriber: many replies, as fast as they are asked for. */
  <R> Flow.Publisher<R> stream(String topic, Object value, Class<R> type);

  /** Opens a channel for each subscriber: many values there, many items back. */
  <R> Flow.Publisher<R> channel(String topic, Flow.Publisher<?> values, Class<R> type);

  /** Publishes to the service; completes when all its subscriptions' queues have taken it. */
  CompletableFuture<Void> publish(String topic, Object value);

  /**
   * Subscribes to what is published at the service. The future completes when the service has
   * accepted the filter. After a lost session the subscription is made again and {@link
   * Subscriber#onGap} is called.
   */
  <T> CompletableFuture<Registration> subscribe(
      String filter, Class<T> type, OverflowPolicy policy, Subscriber<? super T> subscriber);

  /** Subscribes with {@link OverflowPolicy#FAIL}. */
  default <T> CompletableFuture<Registration> subscribe(
      String filter, Class<T> type, Subscriber<? super T> subscriber) {
    return subscribe(filter, type, OverflowPolicy.FAIL, subscriber);
  }

  /**
   * Subscribes with demand: each subscriber of the publisher has a subscription of its own, which
   * ends with an error when its session is lost.
   */
  <T> Flow.Publisher<T> subscription(String filter, Class<T> type);

  /** Opens the session now; completes when it is open. Calls do this by themselves. */
  CompletableFuture<Void> connect();

  /** Which path is used and why, and what was rejected and why. */
  Explanation explain();

  /** The endpoints it was configured with. */
  List<String> endpoints();

  /**
   * Ends the session in order: open calls have 5 s to end, the rest is cancelled. Idempotent.
   * Blocks until done (at most 10 s), except on a thread of Carrick, where it only starts.
   */
  @Override
  void close();
}
