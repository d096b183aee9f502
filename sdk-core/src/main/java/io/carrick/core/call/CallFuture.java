package io.carrick.core.call;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.path.SessionSource;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Delays;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.InboundMessage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a request, a send or a publish, and the owner of its exchange. Its outcome is the
 * message that came, EMPTY or a MessagingException. Cancelling it cancels the call.
 */
final class CallFuture<T> extends OutcomeFuture<T>
    implements SessionSource.Returning, SessionSource.Waiter {

  static final int MAX_SENDINGS = 3;

  /** The outcome of a call that was answered without a message. */
  private static final Object EMPTY = new Object();

  private static final VarHandle SIGNALS = signals();

  private final SessionSource source;
  private final Delays delays;
  private final OutgoingCall call;
  private final TypeRef<T> type;
  private final int sending;
  private final @Nullable CallFuture<T> parent;

  /** Whether an earlier sending may have been delivered: a failure must not say that none was. */
  private final boolean sentBefore;

  private @Nullable Encoded encoded;
  private volatile @Nullable Session session;
  private volatile @Nullable Exchange exchange;
  private volatile @Nullable WaitingTime waiting;
  private volatile @Nullable CallFuture<T> next;
  private volatile boolean abandoned;

  // Touched by the one that holds signals.
  private @Nullable InboundMessage reply;

  @SuppressWarnings("unused") // Through SIGNALS.
  private volatile int signals;

  CallFuture(
      ApplicationExecutor tasks,
      SessionSource source,
      Delays delays,
      OutgoingCall call,
      TypeRef<T> type) {
    this(tasks, source, delays, call, type, 1, null, false);
  }

  private CallFuture(
      ApplicationExecutor tasks,
      SessionSource source,
      Delays delays,
      OutgoingCall call,
      TypeRef<T> type,
      int sending,
      @Nullable CallFuture<T> parent,
      boolean sentBefore) {
    super(tasks);
    this.source = source;
    this.delays = delays;
    this.call = call;
    this.type = type;
    this.sending = sending;
    this.parent = parent;
    this.sentBefore = sentBefore;
  }

  private static VarHandle signals() {
    try {
      return MethodHandles.lookup().findVarHandle(CallFuture.class, "signals", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Makes the call; a thread of the application may wait for room in the session. */
  CallFuture<T> start() {
    Session now = source.current();
    if (now == null || !connected(now)) {
      try {
        encoded = call.encode(java.util.List.of());
        waiting = new WaitingTime(delays, call.remainingNanos(), this::expireWaiting);
        source.await(this);
        if (isOver()) {
          source.forget(this); // It was over before it had its place.
        }
      } catch (Throwable e) {
        settle(Failure.messaging(e, call.what()));
      }
    }
    return this;
  }

  private void expireWaiting() {
    source.forget(this);
    settle(
        Failure.noSession(
            call.what(), source.service(), source.lastFailure(), call.options().deadline()));
  }

  @Override
  public boolean connected(Session now) {
    WaitingTime time = waiting;
    if (isSettled() || abandoned || (time != null && !time.hold())) {
      return true;
    }
    try {
      Encoded body = encoded;
      if (body == null || !call.suits(body, now)) {
        body = call.encode(now.peer().contentTypes());
      }
      session = now;
      OutgoingCall made = sentBefore ? call.asAttempt(call.attempt() + sending - 1) : call;
      Exchange x = now.exchanges().open(made.opening(body, 0), this);
      exchange = x;
      if (abandoned) {
        now.exchanges().cancel(x, StatusCode.CANCELLED);
      }
    } catch (SessionLostException e) {
      if (time != null) {
        time.release();
      }
      return isOver();
    } catch (Throwable e) {
      unmade(time, e);
    }
    stopTimer();
    return true;
  }

  private void unmade(@Nullable WaitingTime time, Throwable why) {
    try {
      settle(Failure.messaging(why, call.what()));
    } catch (OutOfMemoryError e) {
      if (time != null) {
        time.release();
      }
      throw e;
    }
  }

  /** Whether the call needs not be made any more. */
  private boolean isOver() {
    WaitingTime time = waiting;
    return isSettled() || abandoned || (time != null && time.isOver());
  }

  @Override
  public void failed(MessagingException reason) {
    settle(reason);
  }

  @Override
  public int waitingBytes() {
    Encoded body = encoded;
    return body == null ? 0 : body.payload().length;
  }

  @Override
  public long patienceNanos() {
    return call.remainingNanos();
  }

  @Override
  public boolean waitForReady() {
    return call.options().waitForReady();
  }

  @Override
  public void ready(Exchange x) {
    if ((int) SIGNALS.getAndAdd(this, 1) != 0) {
      return;
    }
    int seen = 1;
    do {
      try {
        take(x);
      } catch (OutOfMemoryError e) {
        // The session calls again when there is some.
        signals = 0;
        throw e;
      } catch (Throwable e) {
        settle(Failure.messaging(e, call.what()));
      }
      seen = (int) SIGNALS.getAndAdd(this, -seen) - seen;
    } while (seen != 0);
  }

  private void take(Exchange x) {
    Session s = session;
    if (s == null || isDone()) {
      return;
    }
    // The end first: the message that came with it is in the inbox then.
    End end = x.end();
    InboundMessage message = s.exchanges().poll(x);
    if (message != null) {
      reply = message;
    }
    if (end == null || end.cause() == End.Cause.WITHDRAWN) {
      return;
    }
    if (end.cause() == End.Cause.COMPLETED) {
      InboundMessage answer = reply;
      settle(answer == null ? EMPTY : answer);
    } else if (mayBeSentAgain(end)) {
      tasks.execute(() -> sendAgain(end.delivered() != Delivered.NO));
    } else {
      settle(Failure.of(end, call.what()));
    }
  }

  private boolean mayBeSentAgain(End end) {
    return end.cause() == End.Cause.SESSION_LOST
        && (end.delivered() == Delivered.NO || call.idempotent())
        && sending < MAX_SENDINGS
        && !source.isClosed()
        && !abandoned
        && call.remainingNanos() > 0
        && (end.delivered() == Delivered.NO || source.mayRepeat());
  }

  @Override
  public boolean canGoElsewhere() {
    return sending < MAX_SENDINGS;
  }

  @Override
  public boolean canBeRepeated() {
    return call.idempotent() && sending < MAX_SENDINGS;
  }

  @Override
  public SessionSource.@Nullable Waiter goElsewhere() {
    CallFuture<T> again = successor(sentBefore);
    again.waiting = new WaitingTime(delays, call.remainingNanos(), again::expireWaiting);
    if (abandoned) {
      again.abandon();
      return null;
    }
    return again;
  }

  private CallFuture<T> successor(boolean sent) {
    CallFuture<T> again =
        new CallFuture<>(tasks, source, delays, call, type, sending + 1, this, sent);
    next = again;
    return again;
  }

  private void sendAgain(boolean sent) {
    try {
      CallFuture<T> again = successor(sentBefore || sent);
      if (abandoned) {
        again.abandon();
      } else {
        again.start();
      }
    } catch (Throwable e) {
      MessagingException failed = Failure.messaging(e, call.what());
      settle(sent ? Failure.afterLoss(failed, call.what()) : failed);
    }
  }

  private void settle(Object result) {
    stopTimer();
    CallFuture<T> first = parent;
    Object told =
        sentBefore && result instanceof MessagingException e
            ? Failure.afterLoss(e, call.what())
            : result;
    if (first != null) {
      first.settle(told);
    } else {
      outcome(told);
    }
  }

  private void stopTimer() {
    WaitingTime time = waiting;
    if (time != null) {
      time.stop();
    }
  }

  @SuppressWarnings("NullAway") // A call of Void completes with the only Void there is.
  @Override
  T decode(Object result) {
    if (result instanceof MessagingException e) {
      throw e;
    }
    if (result instanceof InboundMessage m) {
      return call.codecs().decodeReply(() -> m.message(""), type);
    }
    if (type.type() == Void.class) {
      return null;
    }
    if (type.type() == Message.class) {
      return Codecs.cast(type, Message.empty());
    }
    throw new CallException(
        StatusCode.INTERNAL,
        Delivered.YES,
        "handler of "
            + call.topic()
            + " returned no reply (null) where "
            + (type.type() instanceof Class<?> plain ? plain.getSimpleName() : type)
            + " was asked for: return a value, or request Void.class",
        Map.of(),
        null);
  }

  @Override
  boolean read() {
    Session s = session;
    Exchange x = exchange;
    return s != null && x != null && !CarrickThreads.isVirtual() && s.exchanges().read(x);
  }

  @Override
  void abandon() {
    abandoned = true;
    stopTimer();
    source.forget(this);
    Session s = session;
    Exchange x = exchange;
    if (s != null && x != null) {
      s.exchanges().cancel(x, StatusCode.CANCELLED);
    }
    CallFuture<T> again = next;
    if (again != null) {
      again.abandon();
    }
  }
}
