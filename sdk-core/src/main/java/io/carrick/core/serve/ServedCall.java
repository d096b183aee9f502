package io.carrick.core.serve;

import io.carrick.Authorizer;
import io.carrick.Call;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.CallFacts;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.message.RefusedException;
import io.carrick.core.run.Bulkhead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A call that this node answers, whether it came over a session or from a native edge. Its outcome
 * is given once, by {@link #done}, {@link #fail} or {@link #stream}.
 */
abstract class ServedCall implements Call, Bulkhead.Task, Authorizing.Wish {

  /** What a handler is busy with for it. */
  private enum Work {
    ON_THREADS,
    ON_A_STAGE,
    DONE
  }

  final Router router;
  final Kind kind;
  final String topic;
  final Principal principal;
  final Origin origin;
  private final long deadline;

  // Set before the call is scheduled, while its caller may go away on another thread.
  private volatile @Nullable Route route;
  private volatile @Nullable Message message;
  private volatile boolean handled;
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean cancelled;
  private Work work = Work.ON_THREADS;
  private @Nullable List<Runnable> onCancel;
  private @Nullable Map<String, Object> attributes;

  /** Changed by its lock, and read without it where there are none. */
  private volatile Headers replyHeaders = Headers.EMPTY;

  ServedCall(
      Router router,
      Kind kind,
      String topic,
      Principal principal,
      Origin origin,
      long timeoutNanos) {
    this.router = router;
    this.kind = kind;
    this.topic = topic;
    this.principal = principal;
    this.origin = origin;
    this.deadline = timeoutNanos == 0 ? 0 : (System.nanoTime() + timeoutNanos) | 1;
  }

  /** Takes the opening message, once; null if the call was withdrawn. */
  abstract @Nullable Message take();

  /** Answers a one-shot call; null is no message. */
  abstract void reply(@Nullable Encoded reply);

  /** Ends the call by a failure. */
  abstract void fail(Failure failure);

  /** Ends the call where even its outcome could not be given. Throws nothing. */
  @Override
  public abstract void lost(Throwable thrown);

  @Override
  public final boolean isOver() {
    return isCancelled();
  }

  @Override
  public void allowed() {
    router.admitted(this);
  }

  @Override
  public final void refused(Failure why) {
    fail(why);
  }

  /** The values of a channel, decoded. */
  abstract <Q> Flow.Publisher<Q> values(TypeRef<Q> type);

  /** Answers by what a publisher gives. */
  abstract void stream(Flow.Publisher<?> items);

  /** The content types that the caller takes, empty for any. */
  abstract List<String> accept();

  /** The content types that the peer offers, empty where it did not say. */
  abstract List<String> offered();

  final void setRoute(Route value) {
    route = value;
  }

  final void setMessage(@Nullable Message value) {
    message = value;
  }

  @Override
  public final boolean run() {
    try {
      return served();
    } catch (Throwable e) {
      lost(e);
      throw e;
    }
  }

  private boolean served() {
    Route served = route;
    if (served == null) {
      return true;
    }
    Message taken = null;
    try {
      taken = message == null ? take() : message;
    } finally {
      if (taken == null) {
        served.bulkhead.release();
      }
    }
    if (taken == null) {
      return true;
    }
    message = taken;
    return served.serve(this, taken);
  }

  @Override
  public final void reject() {
    Route served = route;
    if (served != null) {
      served.bulkhead.release();
    }
    fail(Failure.refusal(StatusCode.RESOURCE_EXHAUSTED, "no thread is free for " + topic));
  }

  /**
   * The handler's result; null is an empty reply.
   *
   * @param as what it is encoded as; null for what it is
   */
  final void done(@Nullable Object value, @Nullable TypeRef<?> as) {
    Encoded encoded;
    try {
      encoded = withReplyHeaders(value == null ? null : encode(value, as));
    } catch (Throwable e) {
      failed(e);
      return;
    }
    reply(encoded);
  }

  /** Answers without a message, or by what stands around the call. */
  final void answered(@Nullable Object nothing, @Nullable Throwable failure) {
    if (failure == null) {
      reply(null);
    } else {
      failed(failure);
    }
  }

  final Encoded encode(Object value) {
    return encode(value, null);
  }

  private Encoded encode(Object value, @Nullable TypeRef<?> as) {
    return router.codecs.encodeReply(
        value,
        as == null ? value.getClass() : as.type(),
        message().contentType(),
        accept(),
        offered());
  }

  /** The reply of a handler, with the headers that it was given. */
  final Message encodeReply(@Nullable Object value, @Nullable TypeRef<?> as) {
    Encoded e = withReplyHeaders(value == null ? null : encode(value, as));
    return e == null
        ? Message.empty()
        : Message.wrap("", e.headers(), e.contentType(), e.payload());
  }

  /** Adds the headers of the reply, once. */
  private @Nullable Encoded withReplyHeaders(@Nullable Encoded reply) {
    if (replyHeaders.isEmpty()) {
      return reply;
    }
    Headers added;
    synchronized (lock) {
      added = replyHeaders;
      replyHeaders = Headers.EMPTY;
    }
    Encoded body = reply == null ? Encoded.NOTHING : reply;
    return new Encoded(Encoded.merged(body.headers(), added), body.contentType(), body.payload());
  }

  @Override
  public final void replyHeader(String name, String value) {
    if (kind != Kind.REQUEST) {
      throw noReply(action(), topic);
    }
    synchronized (lock) {
      replyHeaders = replyHeaders.with(name, value);
    }
  }

  static IllegalStateException noReply(Authorizer.Action action, String topic) {
    return new IllegalStateException(
        action + " " + topic + " has no reply whose header it could be: only requests have");
  }

  final Message encodeMessage(Object value) {
    if (value instanceof Message ready) {
      return ready;
    }
    Encoded e = encode(value);
    return Message.wrap("", e.headers(), e.contentType(), e.payload());
  }

  /** A handler sees the call, or has its place for it: from now on it is delivered. */
  final void handled() {
    handled = true;
  }

  /** No thread of ours works at it any more, but perhaps a stage of the application. */
  final void detach(Bulkhead bulkhead) {
    synchronized (lock) {
      if (work == Work.ON_THREADS) {
        work = Work.ON_A_STAGE;
        if (cancelled) {
          bulkhead.forsake();
        }
      }
    }
  }

  /** What it was detached for has ended, be it before that; its place is given back next. */
  final void ended(Bulkhead bulkhead) {
    synchronized (lock) {
      if (work == Work.ON_A_STAGE && cancelled) {
        bulkhead.regain();
      }
      work = Work.DONE;
    }
  }

  /** Ends it by what a handler, or what stands around it, failed with. */
  final void failed(Throwable thrown) {
    fail(failureOf(thrown));
  }

  /**
   * The failure as its caller sees it: what says that no handler saw it is believed until one has.
   */
  final Failure failureOf(Throwable thrown) {
    Throwable cause = Failure.unwrap(thrown);
    if (cause instanceof RefusedException refused) {
      return refused.failure();
    }
    return !handled && cause instanceof MessagingException e && e.delivered() == Delivered.NO
        ? Failure.refusal(e)
        : Failure.ofHandler(topic, cause);
  }

  /** The caller went away. */
  final void cancelled() {
    List<Runnable> actions;
    Route waitsAt = route;
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      actions = onCancel;
      onCancel = null;
      if (work == Work.ON_A_STAGE && waitsAt != null) {
        waitsAt.bulkhead.forsake();
      }
    }
    if (waitsAt != null) {
      waitsAt.bulkhead.withdraw(this);
    }
    if (actions != null) {
      actions.forEach(router.tasks::execute);
    }
  }

  @Override
  public final Message message() {
    Message m = message;
    return m == null ? Message.empty().withTopic(topic) : m;
  }

  @Override
  public final Authorizer.Action action() {
    return kind.action();
  }

  @Override
  public final String topic() {
    return topic;
  }

  @Override
  public final boolean serving() {
    return true;
  }

  @Override
  public final Headers headers() {
    return message().headers();
  }

  @Override
  public final int attempt() {
    return CallFacts.attempt(headers());
  }

  @Override
  public final boolean idempotent() {
    return false;
  }

  @Override
  public final Map<String, Object> attributes() {
    synchronized (lock) {
      if (attributes == null) {
        attributes = new ConcurrentHashMap<>();
      }
      return attributes;
    }
  }

  @Override
  public final Principal principal() {
    return principal;
  }

  @Override
  public final Optional<Duration> remaining() {
    return CallFacts.remaining(deadline);
  }

  @Override
  public final boolean isCancelled() {
    synchronized (lock) {
      return cancelled;
    }
  }

  @Override
  public final void onCancel(Runnable action) {
    java.util.Objects.requireNonNull(action, "action");
    synchronized (lock) {
      if (!cancelled) {
        if (onCancel == null) {
          onCancel = new ArrayList<>(1);
        }
        onCancel.add(action);
        return;
      }
    }
    action.run();
  }
}
