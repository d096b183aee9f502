package io.carrick;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * Stands around calls, on the calling side or on the serving side. The first one registered is the
 * outermost. Each method may change what goes in and what comes out, answer by itself, call {@code
 * next} later or more than once, or throw a {@link MessagingException} to refuse the call. Methods
 * run on the thread that makes or serves the call and must not block.
 */
public interface Interceptor {

  /** Around a request, a send or a publish; the reply to a send or a publish is empty. */
  default CompletionStage<Message> unary(
      CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
    return next.apply(message);
  }

  /** Around a stream or a subscription; the message of a subscription is empty. */
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
}
