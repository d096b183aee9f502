package io.carrick.core.serve;

import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.TypeRef;
import io.carrick.core.flow.FailedPublisher;
import io.carrick.core.flow.MappedPublisher;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Failure;
import io.carrick.core.message.RefusedException;
import io.carrick.core.run.Contained;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Answers a query, or the values of a channel, with items. */
final class StreamRoute<Q> extends Route {

  private final AtomicBoolean warned = new AtomicBoolean();
  private final TypeRef<Q> type;
  private final Handler<Object, ? extends Flow.@Nullable Publisher<?>> handler;

  @SuppressWarnings("unchecked") // Only what was decoded to Q, or a publisher of Q, is passed.
  StreamRoute(
      Router router,
      Kind kind,
      String topic,
      HandlerOptions options,
      TypeRef<Q> type,
      Handler<?, ? extends Flow.@Nullable Publisher<?>> handler) {
    super(router, kind, topic, options);
    this.type = type;
    this.handler = (Handler<Object, ? extends Flow.@Nullable Publisher<?>>) handler;
  }

  @Override
  boolean serve(ServedCall call, Message message) {
    try {
      // Open streams are bounded by the session (F6); the gate bounds calls of the handler.
      call.stream(kind == Kind.STREAM ? openStream(call, message) : openChannel(call));
    } catch (Throwable e) {
      call.failed(e);
    } finally {
      bulkhead.release();
    }
    return true;
  }

  private Flow.Publisher<?> openStream(ServedCall call, Message message) throws Exception {
    if (router.interceptors.isEmpty()) {
      return invokeStream(call, message);
    }
    return router.interceptors.stream(
        call,
        message,
        (context, m) -> {
          call.setMessage(m);
          return failing(() -> mapped(call, invokeStream(call, m)));
        });
  }

  private Flow.Publisher<?> invokeStream(ServedCall call, Message message) throws Exception {
    Body<Q> body;
    try {
      body = new Body<>(router.codecs.decode(message, type));
    } catch (io.carrick.MessagingException e) {
      throw new RefusedException(Failure.refusal(e));
    }
    return handled(call, body.value());
  }

  private Flow.Publisher<?> openChannel(ServedCall call) throws Exception {
    if (router.interceptors.isEmpty()) {
      return handled(call, call.values(type));
    }
    return router.interceptors.channel(
        call,
        call.values(Codecs.MESSAGE),
        (context, values) ->
            failing(
                () -> {
                  Flow.Publisher<Q> decoded =
                      new MappedPublisher<>(
                          values, m -> new Body<>(router.codecs.decode(m, type)).value());
                  return mapped(call, handled(call, decoded));
                }));
  }

  private Flow.Publisher<?> handled(ServedCall call, Object value) throws Exception {
    return checked(
        router.interceptors.around(
            call,
            () -> {
              call.handled();
              return handler.handle(value, call);
            }));
  }

  private static Flow.Publisher<Message> mapped(ServedCall call, Flow.Publisher<?> items) {
    return new MappedPublisher<Object, Message>(items, call::encodeMessage);
  }

  private Flow.Publisher<?> checked(Flow.@Nullable Publisher<?> items) {
    if (items == null) {
      throw new RefusedException(
          Failure.broken(topic, "returned null where a Flow.Publisher is needed"));
    }
    if (items instanceof SubmissionPublisher<?> early
        && early.isClosed()
        && warned.compareAndSet(false, true)) {
      Contained.say(
          Failure.HANDLERS,
          System.Logger.Level.WARNING,
          "handler of "
              + topic
              + " returned a SubmissionPublisher that was closed before it had a subscriber: what"
              + " was submitted is lost; return an Emitter, which keeps it",
          null);
    }
    return items;
  }

  private interface Opening {
    Flow.Publisher<Message> open() throws Exception;
  }

  private static Flow.Publisher<Message> failing(Opening opening) {
    try {
      return opening.open();
    } catch (Throwable e) {
      return new FailedPublisher<>(RefusedException.open(e));
    }
  }
}
