package io.carrick.core.serve;

import io.carrick.Delivered;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.Text;
import io.carrick.core.message.Failure;
import io.carrick.core.queue.Fifo;
import io.carrick.core.run.Contained;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Passes one-way messages on to somebody else, in order: on the thread that reads, or when one
 * before it completes, so that no more than the concurrency are with them. Each holds its place
 * until its stage completes; the sender is answered before.
 */
final class PassedSendRoute extends Route {

  private static final System.Logger LOG = System.getLogger("io.carrick.handlers");

  private final Handler<Message, ? extends CompletionStage<?>> handler;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Fifo<Passed> queue = new Fifo<>();
  private int running;
  private boolean passing;

  /** A message that waits for others to complete. */
  private record Passed(ServedCall call, Message message) {}

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
        .unary(call, message, (context, m) -> pass(call, m))
        .whenComplete(call::answered);
    return true;
  }

  private CompletionStage<Message> pass(ServedCall call, Message message) {
    if (!bulkhead.tryAdmit()) {
      return refused(Router.overloaded(this));
    }
    boolean waits;
    synchronized (lock) {
      waits = passing || running >= options.concurrency() || !queue.isEmpty();
      if (waits) {
        queue.add(new Passed(call, message));
      } else {
        running++;
      }
    }
    if (waits) {
      call.handled();
      passNext();
      return CompletableFuture.completedFuture(Message.empty());
    }
    MessagingException refused = passNow(call, message);
    if (refused == null) {
      call.handled();
      return CompletableFuture.completedFuture(Message.empty());
    }
    return refused.delivered() == Delivered.NO
        ? refused(Failure.refusal(refused))
        : CompletableFuture.failedFuture(refused);
  }

  /** Passes one on whose place was counted; why it could not be. */
  private @Nullable MessagingException passNow(ServedCall call, Message message) {
    AtomicBoolean held = new AtomicBoolean(true);
    try {
      router
          .interceptors
          .around(call, () -> handler.handle(message, call))
          .whenComplete(
              (done, failure) -> {
                release(held);
                if (failure != null) {
                  log(failure);
                }
              });
      return null;
    } catch (Throwable e) {
      release(held);
      return Failure.messaging(e, "send " + topic);
    }
  }

  /** Passes on what waits, in order, as far as the concurrency allows. */
  private void passNext() {
    while (true) {
      Passed next;
      synchronized (lock) {
        next = passing || running >= options.concurrency() ? null : queue.poll();
        if (next == null) {
          return;
        }
        passing = true;
        running++;
      }
      MessagingException refused = passNow(next.call, next.message);
      if (refused != null) {
        // Its sender has its answer.
        log(refused);
      }
      synchronized (lock) {
        passing = false;
      }
    }
  }

  private void log(Throwable failure) {
    Contained.say(
        LOG,
        System.Logger.Level.WARNING,
        "a message to "
            + topic
            + " was not handled: "
            + Text.printable(String.valueOf(Failure.unwrap(failure).getMessage())),
        null);
  }

  /** Gives the place back, once. */
  private void release(AtomicBoolean held) {
    if (held.compareAndSet(true, false)) {
      synchronized (lock) {
        running--;
      }
      bulkhead.release();
      passNext();
    }
  }

  private static CompletionStage<Message> refused(Failure failure) {
    return CompletableFuture.failedFuture(failure.toException());
  }
}
