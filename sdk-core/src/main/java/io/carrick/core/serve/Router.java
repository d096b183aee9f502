package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.CallContext;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.StatusCode;
import io.carrick.Topic;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Failure;
import io.carrick.core.message.Interceptors;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Bulkhead;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.GuardedFuture;
import io.carrick.spi.Calls;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Leads calls to handlers and publishes to subscriptions, whoever makes them. Safe for use by any
 * thread; runs on the thread that reads, or on one that asked the authorizer, so nothing here waits
 * but that.
 */
public final class Router {

  final String service;
  final ApplicationExecutor tasks;
  final Codecs codecs;
  final Authorizing authorizing;
  final Interceptors interceptors;
  private final int maxMessageBytes;
  private final Runnable onNonBlocking;
  public final Subscriptions subscriptions = new Subscriptions();
  private final Set<Bulkhead> left = ConcurrentHashMap.newKeySet();
  private final Set<Runnable> watching = ConcurrentHashMap.newKeySet();
  private final Map<Kind, Map<String, Route>> routes = new EnumMap<>(Kind.class);
  private volatile boolean closed;

  public Router(
      String service,
      ApplicationExecutor tasks,
      Codecs codecs,
      Authorizer authorizer,
      Interceptors interceptors,
      int maxMessageBytes,
      Runnable onNonBlocking) {
    this.service = service;
    this.tasks = tasks;
    this.codecs = codecs;
    this.authorizing = new Authorizing(service, tasks, authorizer);
    this.interceptors = interceptors;
    this.maxMessageBytes = maxMessageBytes;
    this.onNonBlocking = onNonBlocking;
    for (Kind kind : List.of(Kind.REQUEST, Kind.SEND, Kind.STREAM, Kind.CHANNEL)) {
      routes.put(kind, new ConcurrentHashMap<>());
    }
  }

  /** Puts a handler in its place. */
  Registration add(Route route) {
    if (route.options.isNonBlocking()) {
      onNonBlocking.run();
    }
    if (route instanceof LocalSubscription<?> local) {
      subscriptions.add(local);
    } else if (routes(route.kind).putIfAbsent(route.topic, route) != null) {
      throw new IllegalStateException(
          "topic " + route.topic + " has a handler for " + route.kind + ": close that one first");
    }
    watching.forEach(Runnable::run);
    return route;
  }

  /** What has a handler here, or a subscription of this node. */
  Set<Calls.Handled> handled() {
    Set<Calls.Handled> all = subscriptions.ofThisNode();
    routes.forEach(
        (kind, map) ->
            map.keySet().forEach(topic -> all.add(new Calls.Handled(kind.action(), topic))));
    return all;
  }

  /** Tells when that has changed. */
  Registration onHandledChange(Runnable changed) {
    watching.add(changed);
    return () -> watching.remove(changed);
  }

  void remove(Route route) {
    left.removeIf(Bulkhead::isIdle);
    if (!route.bulkhead.isIdle()) {
      left.add(route.bulkhead);
    }
    if (route instanceof LocalSubscription<?> local) {
      subscriptions.remove(local);
    } else {
      routes(route.kind).remove(route.topic, route);
    }
    watching.forEach(Runnable::run);
  }

  /** Why a message that comes or goes without a session is too large; null if it is not. */
  public @Nullable OverloadedException tooLarge(int bytes, Delivered delivered) {
    return bytes <= maxMessageBytes
        ? null
        : OverloadedException.tooLarge(
            delivered,
            "message of "
                + bytes
                + " bytes exceeds the "
                + maxMessageBytes
                + " of "
                + service
                + ": raise maxMessageBytes of "
                + service
                + ", or send a stream of smaller messages");
  }

  /** Nobody calls any more. */
  public void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  public String closedText() {
    return "messenger " + service + " is closed: build another";
  }

  /** How a subscription ends whose node goes away. */
  Failure goesAway(String filter) {
    return Failure.refusal(
        StatusCode.UNAVAILABLE,
        service + " goes away: subscribe to " + filter + " at another instance");
  }

  /** Whether no handler runs, and nothing that was accepted waits for one. */
  public boolean isIdle() {
    return authorizing.isIdle()
        && left.stream().allMatch(Bulkhead::isIdle)
        && subscriptions.isIdle()
        && routes.values().stream()
            .flatMap(map -> map.values().stream())
            .allMatch(route -> route.bulkhead.isIdle());
  }

  private Map<String, Route> routes(Kind kind) {
    Map<String, Route> map = routes.get(kind);
    if (map == null) {
      throw new IllegalStateException(kind + " has no handlers");
    }
    return map;
  }

  /** Answers a call, if its principal may make it: anything but a subscription. */
  void dispatch(ServedCall call) {
    try {
      Topic.check(call.topic);
    } catch (IllegalArgumentException e) {
      call.fail(Failure.refusal(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage())));
      return;
    }
    authorizing.ask(call.origin, call.principal, call.kind.action(), call.topic, call);
  }

  /** Answers a call that may be made. */
  void admitted(ServedCall call) {
    if (call.kind == Kind.PUBLISH) {
      publish(call);
      return;
    }
    Route route = routes(call.kind).get(call.topic);
    if (route == null) {
      call.fail(Failure.refusal(StatusCode.UNIMPLEMENTED, nobody(call.kind, call.topic)));
      return;
    }
    call.setRoute(route);
    if (call.kind == Kind.SEND) {
      Message message = call.take();
      if (message != null) {
        call.setMessage(message);
        if (mustNotWait(route)) {
          CarrickThreads.asReader(() -> route.serve(call, message));
        } else {
          route.serve(call, message);
        }
      }
    } else if (!route.bulkhead.tryAdmit()) {
      call.fail(overloaded(route));
    } else if (mustNotWait(route)) {
      CarrickThreads.asReader(call::run);
    } else if (route.options.isNonBlocking()) {
      call.run();
    } else {
      route.bulkhead.schedule(call);
    }
  }

  /** What never waits is held to that on each thread that runs it, not on readers alone. */
  private static boolean mustNotWait(Route route) {
    return route.options.isNonBlocking() && !CarrickThreads.isReader();
  }

  /** Asks whether a principal may subscribe by a filter. */
  void askToSubscribe(
      Origin origin, Principal principal, String filter, Authorizing.Wish subscription) {
    try {
      Topic.checkFilter(filter);
    } catch (IllegalArgumentException e) {
      subscription.refused(
          Failure.refusal(StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage())));
      return;
    }
    authorizing.ask(origin, principal, Authorizer.Action.SUBSCRIBE, filter, subscription);
  }

  /**
   * The flow of a subscription that was authorized, with interceptors around it.
   *
   * @param call what is known of it
   * @param opening its filter as the topic, and its headers
   * @param missedBefore told how many messages were dropped before the next one
   */
  Flow.Publisher<Message> subscription(
      CallContext call, Message opening, OverflowPolicy policy, LongConsumer missedBefore) {
    String filter = opening.topic();
    Flow.Publisher<Message> base =
        subscriber ->
            new FlowSubscription(this, filter, policy, call.principal(), missedBefore, subscriber)
                .start();
    if (interceptors.isEmpty()) {
      return base;
    }
    return interceptors.stream(call, opening, (context, message) -> base);
  }

  private void publish(ServedCall call) {
    Message message = call.take();
    if (message == null) {
      return;
    }
    call.setMessage(message);
    if (interceptors.isEmpty()) {
      Failure refused = subscriptions.publish(message, call, call.origin, () -> call.reply(null));
      if (refused != null) {
        call.fail(refused);
      }
      return;
    }
    interceptors
        .unary(call, message, (context, m) -> publish(m, call))
        .whenComplete(call::answered);
  }

  private CompletionStage<Message> publish(Message message, ServedCall call) {
    CompletableFuture<Message> taken = new GuardedFuture<>(tasks);
    call.setMessage(message);
    Failure refused =
        subscriptions.publish(message, call, call.origin, () -> taken.complete(Message.empty()));
    if (refused == null) {
      call.handled();
    } else {
      taken.completeExceptionally(refused.toException());
    }
    return taken;
  }

  static Failure overloaded(Route route) {
    return Failure.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        "handler of "
            + route.topic
            + " has "
            + route.options.concurrency()
            + " calls running"
            + (route.options.isNonBlocking()
                ? ", and none may wait"
                : " and " + route.options.waiting() + " waiting")
            + ": try again later, or raise its concurrency");
  }

  private String nobody(Kind kind, String topic) {
    List<Kind> others = new ArrayList<>();
    routes.forEach(
        (other, map) -> {
          if (map.containsKey(topic)) {
            others.add(other);
          }
        });
    return service
        + " has no handler for "
        + kind
        + " on topic "
        + topic
        + (others.isEmpty()
            ? ": register one with " + method(kind)
            : ", but one for " + others + ": call it so, or register one with " + method(kind));
  }

  private static String method(Kind kind) {
    return switch (kind) {
      case REQUEST -> "handle()";
      case SEND -> "handleSend()";
      case STREAM -> "handleStream()";
      case CHANNEL -> "handleChannel()";
      case PUBLISH, SUBSCRIBE -> "subscribe()";
    };
  }
}
