package io.carrick.core;

import io.carrick.Delivered;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.Text;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Passes one-way messages on to somebody else, in order and on the thread that reads. Each holds
 * its place until its stage completes; the sender is answered before.
 */
final class PassedSendRoute extends Route {

  private static final System.Logger LOG = System.getLogger("io.carrick.handlers");

  private final Handler<Message, ? extends CompletionStage<?>> handler;

  PassedSendRoute(
      Router router,
      String topic,
      HandlerOptions options,
      Handler<Message, ? extends CompletionStage<?>> handler) {
    super(router, Kind.SEND, topic, options);
    this.handler = handler;
  }

  @Override
  boolean serve(ServedCall call, Message message) {
    router
        .interceptors
        .unary(call.context(), message, m -> pass(call, m))
        .whenComplete(call::answered);
    return true;
  }

  private CompletionStage<Message> pass(ServedCall call, Message message) {
    if (!gate.tryAdmit()) {
      return refused(Router.overloaded(this));
    }
    AtomicBoolean held = new AtomicBoolean(true);
    try {
      handler
          .handle(message, call)
          .whenComplete(
              (done, failure) -> {
                release(held);
                if (failure != null) {
                  LOG.log(
                      System.Logger.Level.WARNING,
                      "a message to {0} was not handled: {1}",
                      topic,
                      Text.printable(String.valueOf(Failure.unwrap(failure).getMessage())));
                }
              });
      call.handled();
      return CompletableFuture.completedFuture(Message.empty());
    } catch (MessagingException e) {
      release(held);
      return e.delivered() == Delivered.NO
          ? refused(Failure.refusal(e))
          : CompletableFuture.failedFuture(e);
    } catch (Throwable e) {
      release(held);
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Gives the place back, once. */
  private void release(AtomicBoolean held) {
    if (held.compareAndSet(true, false)) {
      gate.release();
    }
  }

  private static CompletionStage<Message> refused(Failure failure) {
    return CompletableFuture.failedFuture(failure.toException());
  }
}
