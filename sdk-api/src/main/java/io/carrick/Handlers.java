package io.carrick;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * Where handlers are registered. Each topic has at most one handler for each pattern; a second one
 * is refused with {@link IllegalStateException} until the first is closed. Handlers may be added
 * and removed at any time, from any thread.
 *
 * <p>All methods throw {@link IllegalArgumentException} for a bad topic or filter.
 */
public interface Handlers {

  /** The same registry; what is registered through the view has these options. */
  Handlers with(HandlerOptions options);

  /** Answers requests on a topic. Requests run concurrently, without order. */
  <Q, R> Registration handle(String topic, Class<Q> type, Handler<? super Q, ? extends R> handler);

  /** Answers requests on a topic, where the context is not needed. */
  default <Q, R> Registration handle(
      String topic, Class<Q> type, Function<? super Q, ? extends R> handler) {
    return this.<Q, R>handle(topic, type, (value, call) -> handler.apply(value));
  }

  /**
   * Answers requests on a topic later: the reply goes out when the stage completes. Until then the
   * call counts as running ({@link HandlerOptions#withConcurrency}), though it be cancelled; but
   * {@link Messenger#close} and {@link Messenger#drain} do not wait for one that is over.
   */
  <Q, R> Registration handleAsync(
      String topic, Class<Q> type, Handler<? super Q, ? extends CompletionStage<R>> handler);

  /** Takes one-way messages on a topic, those of one session one at a time and in order. */
  <Q> Registration handleSend(String topic, Class<Q> type, Consumer<? super Q> handler);

  /**
   * Answers a query with a stream of items. The publisher is subscribed to once the handler has
   * returned it, and asked for items as the caller takes them. One that drops what it was given
   * before it had a subscriber, such as {@link java.util.concurrent.SubmissionPublisher}, must be
   * given nothing before that: submit from another thread once it {@code hasSubscribers()}. An
   * {@link Emitter} keeps what it is given.
   */
  <Q, R> Registration handleStream(
      String topic, Class<Q> type, Handler<? super Q, ? extends Flow.Publisher<R>> handler);

  /** Answers a query with a stream of items, where the context is not needed. */
  default <Q, R> Registration handleStream(
      String topic, Class<Q> type, Function<? super Q, ? extends Flow.Publisher<R>> handler) {
    return this.<Q, R>handleStream(topic, type, (Q value, Call call) -> handler.apply(value));
  }

  /**
   * Answers a stream of values with a stream of items. The values have one subscriber; another one
   * is failed with {@link IllegalStateException}. Who cancels them is given no more, and the
   * caller's publisher is cancelled as soon as the caller has heard of it; the items go on.
   */
  <Q, R> Registration handleChannel(
      String topic, Class<Q> type, Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<R>> handler);

  /**
   * Takes what is published to this node on the topics that a filter selects. Messages of one
   * session come one at a time and in order.
   */
  <T> Registration subscribe(String filter, Class<T> type, Consumer<? super T> handler);

  /**
   * Takes a value; may throw anything.
   *
   * @param <T> what it takes
   */
  @FunctionalInterface
  interface Consumer<T> {

    /** Takes one value. */
    void accept(T value) throws Exception;
  }
}
