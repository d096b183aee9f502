package io.carrick;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * Stands around calls, on the calling side or on the serving side. The first one registered is the
 * outermost. Each method may change what goes in and what comes out, answer by itself, call {@code
 * next} later or more than once, or throw a {@link MessagingException} to refuse the call: on the
 * serving side one that says {@link Delivered#NO} reaches the caller so, as long as no handler has
 * seen the call. The topic stays as it is: with another one, {@code next} throws {@link
 * CallException} with FAILED_PRECONDITION. Methods run on the thread that makes or serves the call
 * and must not block; for one-way messages and publishes that is the one that reads, before they
 * have their place. {@link #around} stands around the handler itself, on its thread.
 *
 * <p>On the calling side the deadline runs from the call on. All that {@code next} begins for a
 * call shares it; what begins later than that fails with {@link DeadlineExceededException}. When a
 * request, a send or a publish ends, by its deadline, by cancel or in another way, all that {@code
 * next} has begun for it is cancelled, and so is the stage that was returned: return a copy of one
 * that serves several calls.
 */
public interface Interceptor {

  /** Around a request, a send or a publish; the reply to a send or a publish is empty. */
  default CompletionStage<Message> unary(
      CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
    return next.apply(message);
  }

  /** Around a stream or a subscription; the message of a subscription has headers and no body. */
  default Flow.Publisher<Message> stream(
      CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
    return next.apply(message);
  }

  /** Around a channel. */
  default Flow.Publisher<Message> channel(
      CallContext call,
      Flow.Publisher<Message> values,
      Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
    return next.apply(values);
  }

  /**
   * Around the handler of each pattern, subscriptions of this node included, on the thread that
   * runs it: for what belongs to a thread, such as the scope of a trace or a log. It runs inside of
   * the other methods, once for each message that reaches the handler, and must call {@code
   * handler} once or throw; what it throws is as if the handler had thrown it. Of a handler that
   * answers later, or by a publisher, the rest runs elsewhere. Only of interceptors around
   * handlers.
   */
  default <T> T around(Call call, Callable<T> handler) throws Exception {
    return handler.call();
  }
}
