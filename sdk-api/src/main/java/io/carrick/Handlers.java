package io.carrick;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Where handlers are registered. Each topic has at most one handler for each pattern; a second one
 * is refused with {@link IllegalStateException} until the first is closed. Handlers may be added
 * and removed at any time, from any thread. Each pattern takes a handler of the value alone, {@code
 * value -> …}, and one that sees its call as well, {@code (value, call) -> …}; both may throw
 * anything. What they take is said by a class, or by a {@link TypeRef} where it has type arguments.
 *
 * <p>All methods throw {@link IllegalArgumentException} for a bad topic or filter.
 */
public interface Handlers {

  /** The same registry; what is registered through the view has these options. */
  Handlers with(HandlerOptions options);

  /** Answers requests on a topic. Requests run concurrently, without order. */
  <Q> Registration handle(String topic, TypeRef<Q> type, Handler<? super Q, ?> handler);

  /** Answers requests on a topic. */
  default <Q> Registration handle(String topic, Class<Q> type, Handler<? super Q, ?> handler) {
    return handle(topic, TypeRef.of(type), handler);
  }

  /** Answers requests on a topic, where the call is not needed. */
  default <Q> Registration handle(
      String topic, TypeRef<Q> type, Handler.Simple<? super Q, ?> handler) {
    return handle(topic, type, (Handler<? super Q, ?>) handler);
  }

  /** Answers requests on a topic, where the call is not needed. */
  default <Q> Registration handle(
      String topic, Class<Q> type, Handler.Simple<? super Q, ?> handler) {
    return handle(topic, TypeRef.of(type), (Handler<? super Q, ?>) handler);
  }

  /**
   * Answers requests on a topic, with the type of the replies: they are encoded as that, with its
   * type arguments, whatever the class of the value says.
   */
  <Q, R> Registration handle(
      String topic, TypeRef<Q> type, TypeRef<R> reply, Handler<? super Q, ? extends R> handler);

  /** Answers requests on a topic, with the type of the replies. */
  default <Q, R> Registration handle(
      String topic, Class<Q> type, Class<R> reply, Handler<? super Q, ? extends R> handler) {
    return handle(topic, TypeRef.of(type), TypeRef.of(reply), handler);
  }

  /** Answers requests on a topic, with the type of the replies, where the call is not needed. */
  default <Q, R> Registration handle(
      String topic,
      TypeRef<Q> type,
      TypeRef<R> reply,
      Handler.Simple<? super Q, ? extends R> handler) {
    return handle(topic, type, reply, (Handler<? super Q, ? extends R>) handler);
  }

  /** Answers requests on a topic, with the type of the replies, where the call is not needed. */
  default <Q, R> Registration handle(
      String topic, Class<Q> type, Class<R> reply, Handler.Simple<? super Q, ? extends R> handler) {
    return handle(
        topic, TypeRef.of(type), TypeRef.of(reply), (Handler<? super Q, ? extends R>) handler);
  }

  /**
   * Answers requests on a topic later: the reply goes out when the stage completes. Until then the
   * call counts as running ({@link HandlerOptions#withConcurrency}), though it be cancelled; but
   * {@link Messenger#close} and {@link Messenger#drain} do not wait for one that is over.
   */
  <Q> Registration handleAsync(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends CompletionStage<?>> handler);

  /** Answers requests on a topic later. */
  default <Q> Registration handleAsync(
      String topic, Class<Q> type, Handler<? super Q, ? extends CompletionStage<?>> handler) {
    return handleAsync(topic, TypeRef.of(type), handler);
  }

  /** Answers requests on a topic later, where the call is not needed. */
  default <Q> Registration handleAsync(
      String topic,
      TypeRef<Q> type,
      Handler.Simple<? super Q, ? extends CompletionStage<?>> handler) {
    return handleAsync(topic, type, (Handler<? super Q, ? extends CompletionStage<?>>) handler);
  }

  /** Answers requests on a topic later, where the call is not needed. */
  default <Q> Registration handleAsync(
      String topic,
      Class<Q> type,
      Handler.Simple<? super Q, ? extends CompletionStage<?>> handler) {
    return handleAsync(
        topic, TypeRef.of(type), (Handler<? super Q, ? extends CompletionStage<?>>) handler);
  }

  /** Takes one-way messages on a topic, those of one session one at a time and in order. */
  <Q> Registration handleSend(String topic, TypeRef<Q> type, OneWayHandler<? super Q> handler);

  /** Takes one-way messages on a topic. */
  default <Q> Registration handleSend(
      String topic, Class<Q> type, OneWayHandler<? super Q> handler) {
    return handleSend(topic, TypeRef.of(type), handler);
  }

  /** Takes one-way messages on a topic, where the call is not needed. */
  default <Q> Registration handleSend(
      String topic, TypeRef<Q> type, OneWayHandler.Simple<? super Q> handler) {
    return handleSend(topic, type, (OneWayHandler<? super Q>) handler);
  }

  /** Takes one-way messages on a topic, where the call is not needed. */
  default <Q> Registration handleSend(
      String topic, Class<Q> type, OneWayHandler.Simple<? super Q> handler) {
    return handleSend(topic, TypeRef.of(type), (OneWayHandler<? super Q>) handler);
  }

  /**
   * Answers a query with a stream of items. The publisher is subscribed to once the handler has
   * returned it, and asked for items as the caller takes them. One that drops what it was given
   * before it had a subscriber, such as {@link java.util.concurrent.SubmissionPublisher}, must be
   * given nothing before that: submit from another thread once it {@code hasSubscribers()}. An
   * {@link Emitter} keeps what it is given.
   */
  <Q> Registration handleStream(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends Flow.Publisher<?>> handler);

  /** Answers a query with a stream of items. */
  default <Q> Registration handleStream(
      String topic, Class<Q> type, Handler<? super Q, ? extends Flow.Publisher<?>> handler) {
    return handleStream(topic, TypeRef.of(type), handler);
  }

  /** Answers a query with a stream of items, where the call is not needed. */
  default <Q> Registration handleStream(
      String topic,
      TypeRef<Q> type,
      Handler.Simple<? super Q, ? extends Flow.Publisher<?>> handler) {
    return handleStream(topic, type, (Handler<? super Q, ? extends Flow.Publisher<?>>) handler);
  }

  /** Answers a query with a stream of items, where the call is not needed. */
  default <Q> Registration handleStream(
      String topic, Class<Q> type, Handler.Simple<? super Q, ? extends Flow.Publisher<?>> handler) {
    return handleStream(
        topic, TypeRef.of(type), (Handler<? super Q, ? extends Flow.Publisher<?>>) handler);
  }

  /**
   * Answers a stream of values with a stream of items. The values have one subscriber; another one
   * is failed with {@link IllegalStateException}. Who cancels them is given no more, and the
   * caller's publisher is cancelled as soon as the caller has heard of it; the items go on.
   */
  <Q> Registration handleChannel(
      String topic,
      TypeRef<Q> type,
      Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler);

  /** Answers a stream of values with a stream of items. */
  default <Q> Registration handleChannel(
      String topic,
      Class<Q> type,
      Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler) {
    return handleChannel(topic, TypeRef.of(type), handler);
  }

  /** Answers a stream of values with a stream of items, where the call is not needed. */
  default <Q> Registration handleChannel(
      String topic,
      TypeRef<Q> type,
      Handler.Simple<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler) {
    return handleChannel(
        topic, type, (Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>>) handler);
  }

  /** Answers a stream of values with a stream of items, where the call is not needed. */
  default <Q> Registration handleChannel(
      String topic,
      Class<Q> type,
      Handler.Simple<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler) {
    return handleChannel(
        topic, TypeRef.of(type), (Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>>) handler);
  }

  /**
   * Takes what is published to this node on the topics that a filter selects. Messages of one
   * session come one at a time and in order. The call is that of the publisher; where this node
   * itself published, its principal is {@link Principal#NONE}, and it has no deadline and no peer.
   */
  <T> Registration subscribe(String filter, TypeRef<T> type, OneWayHandler<? super T> handler);

  /** Takes what is published to this node. */
  default <T> Registration subscribe(
      String filter, Class<T> type, OneWayHandler<? super T> handler) {
    return subscribe(filter, TypeRef.of(type), handler);
  }

  /** Takes what is published to this node, where the call is not needed. */
  default <T> Registration subscribe(
      String filter, TypeRef<T> type, OneWayHandler.Simple<? super T> handler) {
    return subscribe(filter, type, (OneWayHandler<? super T>) handler);
  }

  /** Takes what is published to this node, where the call is not needed. */
  default <T> Registration subscribe(
      String filter, Class<T> type, OneWayHandler.Simple<? super T> handler) {
    return subscribe(filter, TypeRef.of(type), (OneWayHandler<? super T>) handler);
  }
}
