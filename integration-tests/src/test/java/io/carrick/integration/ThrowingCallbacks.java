package io.carrick.integration;

import io.carrick.Authorizer;
import io.carrick.CallContext;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.Principal;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Callbacks as users write them, of which the armed one throws. */
final class ThrowingCallbacks {

  /** Asked and answered, as JSON; what reads and what makes one may throw. */
  record Asked(String id) {
    Asked {
      hit("constructor of what is asked");
    }

    @Override
    public String id() {
      hit("getter of what is asked");
      return id;
    }
  }

  /** As {@link Asked}. */
  record Answered(String id) {
    Answered {
      hit("constructor of an answer");
    }

    @Override
    public String id() {
      hit("getter of an answer");
      return id;
    }
  }

  static final Asked ASKED = new Asked("x");
  static final Answered ANSWERED = new Answered("y");

  private static volatile String armed = "";
  private static volatile Throwable fault = new IllegalStateException("nothing is armed");
  private static final AtomicInteger HITS = new AtomicInteger();

  private ThrowingCallbacks() {}

  static void arm(String name, Throwable thrown) {
    fault = thrown;
    HITS.set(0);
    armed = name;
  }

  static boolean isArmed() {
    return !armed.isEmpty();
  }

  static int hits() {
    return HITS.get();
  }

  /** Here stands the callback of this name. */
  static void hit(String name) {
    if (!name.equals(armed)) {
      return;
    }
    HITS.incrementAndGet();
    if (fault instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) fault;
  }

  static boolean authorize(Principal principal, Authorizer.Action action, String topic) {
    hit("authorizer of " + name(action));
    return true;
  }

  private static String of(CallContext call) {
    return name(call.action());
  }

  private static String name(Authorizer.Action action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  /** Around all patterns; throws before or after what it stands around. */
  static Interceptor interceptor(String side) {
    return new Interceptor() {
      @Override
      public CompletionStage<Message> unary(
          CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
        hit(side + " interceptor of " + of(call));
        return next.apply(message)
            .thenApply(
                reply -> {
                  hit(side + " interceptor after " + of(call));
                  return reply;
                });
      }

      @Override
      public Flow.Publisher<Message> stream(
          CallContext call, Message message, Function<Message, Flow.Publisher<Message>> next) {
        hit(side + " interceptor of " + of(call));
        return next.apply(message);
      }

      @Override
      public Flow.Publisher<Message> channel(
          CallContext call,
          Flow.Publisher<Message> values,
          Function<Flow.Publisher<Message>, Flow.Publisher<Message>> next) {
        hit(side + " interceptor of " + of(call));
        return next.apply(values);
      }
    };
  }

  /** Gives an item for the first request and ends with the second. */
  static <T> Flow.Publisher<T> two(String who, T item, Runnable onCancel) {
    return subscriber -> {
      hit(who + " subscribe");
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private int given;

            @Override
            public void request(long n) {
              hit(who + " request");
              for (long i = 0; i < n && given < 2; i++) {
                subscriber.onNext(item);
                given++;
                if (given == 2) {
                  hit(who + " later request");
                  subscriber.onComplete();
                }
              }
            }

            @Override
            public void cancel() {
              try {
                hit(who + " cancel");
              } finally {
                onCancel.run();
              }
            }
          });
    };
  }

  /** Asks for one item after the other, and completes with the end. */
  static final class Reader<T> implements Flow.Subscriber<T> {

    final CompletableFuture<Void> end = new CompletableFuture<>();
    private final String who;
    private final Consumer<Flow.Subscription> onItem;
    private Flow.@Nullable Subscription subscription;

    Reader(String who) {
      this(who, subscription -> subscription.request(1));
    }

    Reader(String who, Consumer<Flow.Subscription> onItem) {
      this.who = who;
      this.onItem = onItem;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
      hit(who + " onSubscribe");
      subscription = s;
      s.request(1);
    }

    @Override
    public void onNext(T item) {
      hit(who + " onNext");
      onItem.accept(subscription);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
      hit(who + " onError");
    }

    @Override
    public void onComplete() {
      hit(who + " onComplete");
      end.complete(null);
    }
  }
}
