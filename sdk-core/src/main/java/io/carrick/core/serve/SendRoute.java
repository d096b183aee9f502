package io.carrick.core.serve;

import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OneWayHandler;
import io.carrick.TypeRef;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Failure;
import io.carrick.core.run.GuardedFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes one-way messages. A send is answered when it has its place and its body parses, not when
 * the handler has run.
 */
final class SendRoute<Q> extends Route {

  private final TypeRef<Q> type;
  private final OneWayHandler<? super Q> handler;

  SendRoute(
      Router router,
      String topic,
      HandlerOptions options,
      TypeRef<Q> type,
      OneWayHandler<? super Q> handler) {
    super(router, Kind.SEND, topic, options);
    this.type = type;
    this.handler = handler;
  }

  /** Runs on the thread that reads, so that interceptors see sends in order. */
  @Override
  boolean serve(ServedCall call, Message message) {
    if (router.interceptors.isEmpty()) {
      take(call, message, null);
      return true;
    }
    router
        .interceptors
        .unary(call, message, (context, m) -> intercepted(call, m))
        .whenComplete(call::answered);
    return true;
  }

  private CompletionStage<Message> intercepted(ServedCall call, Message message) {
    CompletableFuture<Message> taken = new GuardedFuture<>(router.tasks);
    call.setMessage(message);
    take(call, message, taken);
    return taken;
  }

  private void take(ServedCall call, Message message, @Nullable CompletableFuture<Message> taken) {
    Entry entry = new Entry(call, message, taken);
    if (!bulkhead.tryAdmit()) {
      entry.refuse(Router.overloaded(this));
    } else if (options.isNonBlocking()) {
      try {
        entry.prepare(() -> {});
        entry.handle();
      } finally {
        bulkhead.release();
      }
    } else {
      OrderedQueue.add(lanes, call.origin, bulkhead, router.tasks, entry);
    }
  }

  private final class Entry implements OrderedQueue.Entry {

    private static final int NEW = 0;
    private static final int PREPARING = 1;
    private static final int READY = 2;

    private final ServedCall call;
    private final Message message;
    private final @Nullable CompletableFuture<Message> taken;
    private final AtomicInteger state = new AtomicInteger(NEW);
    private volatile @Nullable Body<Q> body;

    Entry(ServedCall call, Message message, @Nullable CompletableFuture<Message> taken) {
      this.call = call;
      this.message = message;
      this.taken = taken;
    }

    @Override
    public void prepare(Runnable whenReady) {
      if (!state.compareAndSet(NEW, PREPARING)) {
        return;
      }
      try {
        body = new Body<>(router.codecs.decode(message, type));
        accepted();
      } catch (MessagingException e) {
        refuse(Failure.refusal(e));
      } catch (Throwable e) {
        refuse(Failure.ofHandler(topic, e));
      } finally {
        state.set(READY);
        whenReady.run();
      }
    }

    private void accepted() {
      call.handled();
      if (taken == null) {
        call.reply(null);
      } else {
        taken.complete(Message.empty());
      }
    }

    void refuse(Failure failure) {
      if (taken == null) {
        call.fail(failure);
      } else {
        taken.completeExceptionally(failure.toException());
      }
    }

    @Override
    public boolean isReady() {
      return state.get() == READY;
    }

    @Override
    public void handle() {
      Body<Q> decoded = body;
      if (decoded == null) {
        return;
      }
      try {
        router.interceptors.around(call, () -> done(decoded.value()));
      } catch (Throwable e) {
        Failure.logHandler(topic, e);
      }
    }

    private boolean done(Q value) throws Exception {
      handler.handle(value, call);
      return true;
    }

    @Override
    public void reject() {
      refuse(
          Failure.refusal(
              io.carrick.StatusCode.RESOURCE_EXHAUSTED, "no thread is free for " + topic));
    }
  }
}
