package io.carrick.core.serve;

import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.OneWayHandler;
import io.carrick.Registration;
import io.carrick.Topic;
import io.carrick.TypeRef;
import io.carrick.core.frame.Kind;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Registers handlers with some options. */
public final class HandlerRegistry implements Handlers {

  private final Router router;
  private final HandlerOptions options;

  public HandlerRegistry(Router router, HandlerOptions options) {
    this.router = router;
    this.options = Objects.requireNonNull(options, "options");
  }

  @Override
  public Handlers with(HandlerOptions value) {
    return new HandlerRegistry(router, value);
  }

  @Override
  public <Q> Registration handle(String topic, TypeRef<Q> type, Handler<? super Q, ?> handler) {
    check(topic, type, handler);
    return add(new RequestRoute<>(router, topic, options, type, null, handler, false));
  }

  @Override
  public <Q, R> Registration handle(
      String topic, TypeRef<Q> type, TypeRef<R> reply, Handler<? super Q, ? extends R> handler) {
    check(topic, type, handler);
    Objects.requireNonNull(reply, "reply");
    return add(new RequestRoute<>(router, topic, options, type, reply, handler, false));
  }

  @Override
  public <Q> Registration handleAsync(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends CompletionStage<?>> handler) {
    check(topic, type, handler);
    return add(new RequestRoute<>(router, topic, options, type, null, handler, true));
  }

  @Override
  public <Q> Registration handleSend(
      String topic, TypeRef<Q> type, OneWayHandler<? super Q> handler) {
    check(topic, type, handler);
    return add(new SendRoute<>(router, topic, options, type, handler));
  }

  @Override
  public <Q> Registration handleStream(
      String topic, TypeRef<Q> type, Handler<? super Q, ? extends Flow.Publisher<?>> handler) {
    check(topic, type, handler);
    return add(new StreamRoute<>(router, Kind.STREAM, topic, options, type, handler));
  }

  @Override
  public <Q> Registration handleChannel(
      String topic,
      TypeRef<Q> type,
      Handler<Flow.Publisher<Q>, ? extends Flow.Publisher<?>> handler) {
    check(topic, type, handler);
    return add(new StreamRoute<>(router, Kind.CHANNEL, topic, options, type, handler));
  }

  @Override
  public <T> Registration subscribe(
      String filter, TypeRef<T> type, OneWayHandler<? super T> handler) {
    Topic.checkFilter(filter);
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(handler, "handler");
    return add(new LocalSubscription<>(router, filter, options, type, handler));
  }

  /** Puts a handler in its place, while there is somebody to call it. */
  private Registration add(Route route) {
    if (router.isClosed()) {
      throw new IllegalStateException(router.closedText());
    }
    return router.add(route);
  }

  private static void check(String topic, TypeRef<?> type, Object handler) {
    Topic.check(topic);
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(handler, "handler");
  }
}
