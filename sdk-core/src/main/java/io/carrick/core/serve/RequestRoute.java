package io.carrick.core.serve;

import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.TypeRef;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Failure;
import io.carrick.core.message.RefusedException;
import io.carrick.core.run.GuardedFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Answers requests, at once or later. */
final class RequestRoute<Q> extends Route {

  private final TypeRef<Q> type;
  private final @Nullable TypeRef<?> reply;
  private final Handler<? super Q, ?> handler;
  private final boolean later;

  /**
   * A route.
   *
   * @param reply what replies are encoded as; null for what they are
   */
  RequestRoute(
      Router router,
      String topic,
      HandlerOptions options,
      TypeRef<Q> type,
      @Nullable TypeRef<?> reply,
      Handler<? super Q, ?> handler,
      boolean later) {
    super(router, Kind.REQUEST, topic, options);
    this.type = type;
    this.reply = reply;
    this.handler = handler;
    this.later = later;
  }

  @Override
  boolean serve(ServedCall call, Message message) {
    if (router.interceptors.isEmpty() && !later) {
      try {
        invoke(call, message, (value, failure) -> end(call, value, failure, reply));
      } finally {
        bulkhead.release();
      }
      return true;
    }
    Ending ending = new Ending(call);
    try {
      if (router.interceptors.isEmpty()) {
        invoke(call, message, ending);
      } else {
        router
            .interceptors
            .unary(call, message, (context, m) -> invokeLater(call, m))
            .whenComplete(ending);
      }
    } catch (Throwable e) {
      ending.accept(null, e);
    }
    call.detach(bulkhead);
    return false;
  }

  /** Ends a call that goes on, once, whatever the stage of the application does. */
  private final class Ending implements BiConsumer<@Nullable Object, @Nullable Throwable> {

    private final ServedCall call;
    private final AtomicBoolean over = new AtomicBoolean();

    Ending(ServedCall call) {
      this.call = call;
    }

    @Override
    public void accept(@Nullable Object value, @Nullable Throwable failure) {
      if (over.compareAndSet(false, true)) {
        try {
          end(call, value, failure, null);
        } catch (Throwable e) {
          call.lost(e);
        } finally {
          call.ended(bulkhead);
          over();
        }
      }
    }
  }

  private static void end(
      ServedCall call,
      @Nullable Object value,
      @Nullable Throwable failure,
      @Nullable TypeRef<?> as) {
    if (failure == null) {
      call.done(value, as);
    } else {
      call.failed(failure);
    }
  }

  private CompletionStage<Message> invokeLater(ServedCall call, Message message) {
    GuardedFuture<Message> result = new GuardedFuture<>(router.tasks);
    call.setMessage(message);
    invoke(
        call,
        message,
        (value, failure) -> {
          try {
            if (failure != null) {
              result.completeExceptionally(RefusedException.open(failure));
            } else {
              result.complete(call.encodeReply(value, reply));
            }
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private void invoke(
      ServedCall call, Message message, BiConsumer<@Nullable Object, @Nullable Throwable> then) {
    Body<Q> body;
    try {
      body = new Body<>(router.codecs.decode(message, type));
    } catch (io.carrick.MessagingException e) {
      then.accept(null, new RefusedException(Failure.refusal(e)));
      return;
    } catch (Throwable e) {
      then.accept(null, e);
      return;
    }
    Object result;
    try {
      result =
          router.interceptors.around(
              call,
              () -> {
                call.handled();
                return handler.handle(body.value(), call);
              });
    } catch (Throwable e) {
      then.accept(null, e);
      return;
    }
    if (!later) {
      then.accept(result, null);
    } else if (result instanceof CompletionStage<?> stage) {
      try {
        stage.whenComplete(then);
      } catch (Throwable e) {
        then.accept(null, e);
      }
    } else {
      then.accept(
          null,
          new RefusedException(
              Failure.broken(topic, "returned null where handleAsync needs a CompletionStage")));
    }
  }
}
