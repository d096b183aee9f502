package io.carrick.core.message;

import io.carrick.Call;
import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Composes interceptors around a call; the first one is the outermost. */
public final class Interceptors {

  private final List<Interceptor> list;

  public Interceptors(List<Interceptor> list) {
    this.list = List.copyOf(list);
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** What is done for a call, with what is known of the attempt that it is done for. */
  @FunctionalInterface
  public interface Step<M, R> {
    R apply(CallContext call, M message);
  }

  /** One of the methods of an interceptor. */
  private interface Method<M, R> {
    @Nullable R apply(Interceptor interceptor, CallContext call, M message, Function<M, R> next);
  }

  public CompletionStage<Message> unary(
      CallContext call, Message message, Step<Message, CompletionStage<Message>> base) {
    try {
      return chain(
              (context, m) -> base.apply(context, sameTopic(context, m)),
              Interceptor::unary,
              "CompletionStage")
          .apply(call, message);
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  public Flow.Publisher<Message> stream(
      CallContext call, Message message, Step<Message, Flow.Publisher<Message>> base) {
    return chain(
            (context, m) -> base.apply(context, sameTopic(context, m)),
            Interceptor::stream,
            "Flow.Publisher")
        .apply(call, message);
  }

  public Flow.Publisher<Message> channel(
      CallContext call,
      Flow.Publisher<Message> values,
      Step<Flow.Publisher<Message>, Flow.Publisher<Message>> base) {
    return chain(base, Interceptor::channel, "Flow.Publisher").apply(call, values);
  }

  /** Runs a handler, on the thread that is there for it. */
  public <T> T around(Call call, Callable<T> handler) throws Exception {
    Callable<T> next = handler;
    for (int i = list.size() - 1; i >= 0; i--) {
      Interceptor interceptor = list.get(i);
      Callable<T> inner = next;
      next = () -> interceptor.around(call, inner);
    }
    return next.call();
  }

  private <M, R> Step<M, R> chain(Step<M, R> base, Method<M, R> method, String needed) {
    AtomicInteger attempts = new AtomicInteger(1);
    Step<M, R> next = base;
    for (int i = list.size() - 1; i >= 0; i--) {
      Interceptor interceptor = list.get(i);
      Step<M, R> inner = next;
      next =
          (call, message) -> {
            AtomicBoolean again = new AtomicBoolean();
            return checked(
                method.apply(
                    interceptor,
                    call,
                    message,
                    m -> inner.apply(again.getAndSet(true) ? again(call, attempts) : call, m)),
                interceptor,
                needed);
          };
    }
    return next;
  }

  private static CallContext again(CallContext call, AtomicInteger attempts) {
    return call instanceof CallFacts facts && !facts.serving()
        ? facts.again(attempts.incrementAndGet())
        : call;
  }

  /**
   * The topic was looked at before, by the authorizer and by whoever chose the handler. A message
   * without one is meant for the same.
   */
  private static Message sameTopic(CallContext call, Message message) {
    if (message.topic().isEmpty()) {
      return message.withTopic(call.topic());
    }
    if (!message.topic().equals(call.topic())) {
      throw new CallException(
          StatusCode.FAILED_PRECONDITION,
          Delivered.NO,
          "an interceptor changed the topic "
              + call.topic()
              + " to "
              + message.topic()
              + ", which it may not: let it make a call of its own",
          Map.of(),
          null);
    }
    return message;
  }

  /** What an interceptor returned, which must be something. */
  private static <T> T checked(@Nullable T returned, Interceptor interceptor, String needed) {
    if (returned == null) {
      throw new IllegalStateException(
          interceptor.getClass().getName() + " returned null where a " + needed + " is needed");
    }
    return returned;
  }
}
