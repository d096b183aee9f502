package io.carrick.core.serve;

import io.carrick.Call;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.OneWayHandler;
import io.carrick.TypeRef;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Failure;
import org.jspecify.annotations.Nullable;

/** A subscription of this node to what is published at it. */
final class LocalSubscription<T> extends Route implements Subscription {

  private final TypeRef<T> type;
  private final OneWayHandler<? super T> handler;

  LocalSubscription(
      Router router,
      String filter,
      HandlerOptions options,
      TypeRef<T> type,
      OneWayHandler<? super T> handler) {
    super(router, Kind.SUBSCRIBE, filter, options);
    this.type = type;
    this.handler = handler;
  }

  @Override
  boolean serve(ServedCall call, Message message) {
    throw new IllegalStateException("a subscription answers no call");
  }

  @Override
  public String filter() {
    return topic;
  }

  @Override
  public @Nullable Failure reserve(Origin origin) {
    return bulkhead.tryAdmit() ? null : Router.overloaded(this);
  }

  @Override
  public void unreserve() {
    bulkhead.release();
  }

  @Override
  public boolean isIdle() {
    return bulkhead.isIdle();
  }

  @Override
  public void deliver(Publication publication, Call call) {
    Entry entry = new Entry(publication.message(), call);
    if (options.isNonBlocking()) {
      entry.handle();
      bulkhead.release();
    } else {
      OrderedQueue.add(lanes, publication.origin(), bulkhead, router.tasks, entry);
    }
  }

  private final class Entry implements OrderedQueue.Entry {

    private final Message message;
    private final Call call;

    Entry(Message message, Call call) {
      this.message = message;
      this.call = call;
    }

    @Override
    public void prepare(Runnable whenReady) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void handle() {
      try {
        T value = new Body<>(router.codecs.decode(message, type)).value();
        router.interceptors.around(call, () -> done(value));
      } catch (Throwable e) {
        Failure.logHandler(topic, e);
      }
    }

    private boolean done(T value) throws Exception {
      handler.handle(value, call);
      return true;
    }

    @Override
    public void reject() {
      Failure.logHandler(
          topic, new IllegalStateException("no thread is free: a message was dropped"));
    }
  }
}
