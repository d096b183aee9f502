package io.carrick.core.message;

import io.carrick.CallContext;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
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

  public CompletionStage<Message> unary(
      CallContext call, Message message, Function<Message, CompletionStage<Message>> base) {
    Function<Message, CompletionStage<Message>> next = m -> base.apply(sameTopic(call, m));
    for (int i = list.size() - 1; i >= 0; i--) {
      Interceptor interceptor = list.get(i);
      Function<Message, CompletionStage<Message>> inner = next;
      next = m -> checked(interceptor.unary(call, m, inner), interceptor, "CompletionStage");
    }
    try {
      return next.apply(message);
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
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

  public Flow.Publisher<Message> stream(
      CallContext call, Message message, Function<Message, Flow.Publisher<Message>> base) {
    Function<Message, Flow.Publisher<Message>> next = m -> base.apply(sameTopic(call, m));
    for (int i = list.size() - 1; i >= 0; i--) {
      Interceptor interceptor = list.get(i);
      Function<Message, Flow.Publisher<Message>> inner = next;
      next = m -> checked(interceptor.stream(call, m, inner), interceptor, "Flow.Publisher");
    }
    return next.apply(message);
  }

  public Flow.Publisher<Message> channel(
      CallContext call,
      Flow.Publisher<Message> values,
      Function<Flow.Publisher<Message>, Flow.Publisher<Message>> base) {
    Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next = base;
    for (int i = list.size() - 1; i >= 0; i--) {
      Interceptor interceptor = list.get(i);
      Function<Flow.Publisher<Message>, Flow.Publisher<Message>> inner = next;
      next = v -> checked(interceptor.channel(call, v, inner), interceptor, "Flow.Publisher");
    }
    return next.apply(values);
  }
}
