package io.carrick.core;

import io.carrick.CallException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.session.End;
import io.carrick.core.session.Exchange;
import io.carrick.core.session.ExchangeOwner;
import io.carrick.core.session.InboundMessage;
import io.carrick.core.session.Session;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The result of a request, a send or a publish, and the owner of its exchange. A thread that waits
 * in join or get takes the raw outcome itself; where nobody waits, the handler executor decodes it
 * and completes the future. Cancelling cancels the call.
 */
final class CallFuture<T> extends GuardedFuture<T> implements ExchangeOwner, Line.Waiter {

  static final int MAX_SENDINGS = 3;

  /** The outcome of a call that was answered without a message. */
  private static final Object EMPTY = new Object();

  private static final VarHandle OUTCOME = handle("outcome", Object.class);
  private static final VarHandle CLAIMED = handle("claimed", boolean.class);
  private static final VarHandle WAITER = handle("waiter", Thread.class);
  private static final VarHandle SIGNALS = handle("signals", int.class);

  private final Line line;
  private final Delays delays;
  private final Outgoing call;
  private final Class<T> type;
  private final int sending;
  private final @Nullable CallFuture<T> parent;

  private @Nullable Encoded encoded;
  private volatile @Nullable Session session;
  private volatile @Nullable Exchange exchange;
  private volatile @Nullable Future<?> timer;
  private volatile @Nullable CallFuture<T> next;
  private volatile boolean abandoned;

  // Touched by the one that holds signals.
  private @Nullable InboundMessage reply;

  @SuppressWarnings("unused") // Through SIGNALS.
  private volatile int signals;

  /** A message, EMPTY or a MessagingException; set once. */
  private volatile @Nullable Object outcome;

  /** Whether somebody completes this future now. */
  @SuppressWarnings("unused") // Through CLAIMED.
  private volatile boolean claimed;

  private volatile @Nullable Thread waiter;

  CallFuture(Tasks tasks, Line line, Delays delays, Outgoing call, Class<T> type) {
    this(tasks, line, delays, call, type, 1, null);
  }

  private CallFuture(
      Tasks tasks,
      Line line,
      Delays delays,
      Outgoing call,
      Class<T> type,
      int sending,
      @Nullable CallFuture<T> parent) {
    super(tasks);
    this.line = line;
    this.delays = delays;
    this.call = call;
    this.type = type;
    this.sending = sending;
    this.parent = parent;
  }

  private static VarHandle handle(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(CallFuture.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Makes the call; a thread of the application may wait for room in the session. */
  CallFuture<T> start() {
    Session now = line.current();
    if (now == null || !connected(now)) {
      try {
        encoded = call.encode(java.util.List.of());
      } catch (MessagingException e) {
        settle(e);
        return this;
      }
      timer = delays.after(call.remainingNanos(), this::expireWaiting);
      line.await(this);
    }
    return this;
  }

  private void expireWaiting() {
    line.forget(this);
    settle(
        new DeadlineExceededException(
            Delivered.NO,
            call.what()
                + " found no session with "
                + line.service().orElse("the service")
                + " within "
                + call.options().deadline()
                + ": see explain() of the remote"));
  }

  @Override
  public boolean connected(Session now) {
    if (outcome != null || abandoned) {
      return true;
    }
    try {
      Encoded body = encoded;
      if (body == null || !call.suits(body, now)) {
        body = call.encode(now.peer().contentTypes());
      }
      session = now;
      Exchange x = now.open(call.opening(body, 0), this);
      exchange = x;
      if (abandoned) {
        now.cancel(x, StatusCode.CANCELLED);
      }
    } catch (SessionLostException e) {
      return false;
    } catch (MessagingException e) {
      settle(e);
    }
    stopTimer();
    return true;
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
  public void ready(Exchange x) {
    if ((int) SIGNALS.getAndAdd(this, 1) != 0) {
      return;
    }
    int seen = 1;
    do {
      take(x);
      seen = (int) SIGNALS.getAndAdd(this, -seen) - seen;
    } while (seen != 0);
  }

  private void take(Exchange x) {
    Session s = session;
    if (s == null || outcome != null) {
      return;
    }
    // The end first: the message that came with it is in the inbox then.
    End end = x.end();
    InboundMessage message = s.poll(x);
    if (message != null) {
      reply = message;
    }
    if (end == null) {
      return;
    }
    if (end.cause() == End.Cause.COMPLETED) {
      InboundMessage answer = reply;
      settle(answer == null ? EMPTY : answer);
    } else if (mayBeSentAgain(end)) {
      tasks.execute(this::sendAgain);
    } else {
      settle(Failure.of(end, call.what()));
    }
  }

  private boolean mayBeSentAgain(End end) {
    return end.cause() == End.Cause.SESSION_LOST
        && (end.delivered() == Delivered.NO || call.idempotent())
        && sending < MAX_SENDINGS
        && !line.isClosed()
        && !abandoned
        && call.remainingNanos() > 0;
  }

  private void sendAgain() {
    CallFuture<T> again = new CallFuture<>(tasks, line, delays, call, type, sending + 1, this);
    next = again;
    if (abandoned) {
      again.abandon();
    } else {
      again.start();
    }
  }

  private void settle(Object result) {
    stopTimer();
    if (!OUTCOME.compareAndSet(this, null, result)) {
      return;
    }
    CallFuture<T> first = parent;
    if (first != null) {
      first.settle(result);
      return;
    }
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    } else {
      tasks.execute(this::finish);
    }
  }

  private void stopTimer() {
    Future<?> t = timer;
    if (t != null) {
      t.cancel(false);
    }
  }

  private boolean claim() {
    return CLAIMED.compareAndSet(this, false, true);
  }

  private void finish() {
    if (!claim()) {
      return;
    }
    Object result = outcome;
    if (result instanceof MessagingException e) {
      super.completeExceptionally(e);
      return;
    }
    T value;
    try {
      value = decode(result);
    } catch (MessagingException e) {
      super.completeExceptionally(e);
      return;
    }
    super.complete(value);
  }

  @SuppressWarnings("NullAway") // A call of Void completes with the only Void there is.
  private T decode(@Nullable Object result) {
    if (result instanceof InboundMessage m) {
      return call.codecs()
          .decode(Message.wrap("", m.headers(), m.contentType(), m.payload()), type);
    }
    if (type == Void.class) {
      return null;
    }
    if (type == Message.class) {
      return type.cast(Message.empty());
    }
    throw new CallException(
        StatusCode.INTERNAL,
        Delivered.YES,
        "handler of "
            + call.topic()
            + " returned no reply (null) where "
            + type.getSimpleName()
            + " was asked for: return a value, or request Void.class",
        Map.of(),
        null);
  }

  private void abandon() {
    abandoned = true;
    stopTimer();
    line.forget(this);
    Session s = session;
    Exchange x = exchange;
    if (s != null && x != null) {
      s.cancel(x, StatusCode.CANCELLED);
    }
    CallFuture<T> again = next;
    if (again != null) {
      again.abandon();
    }
    LockSupport.unpark(waiter);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!claim()) {
      return isCancelled();
    }
    super.cancel(mayInterruptIfRunning);
    abandon();
    return true;
  }

  @Override
  public boolean complete(T value) {
    if (!claim()) {
      return false;
    }
    super.complete(value);
    abandon();
    return true;
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    if (!claim()) {
      return false;
    }
    super.completeExceptionally(failure);
    abandon();
    return true;
  }

  @Override
  public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
    executor.execute(
        () -> {
          try {
            complete(supplier.get());
          } catch (RuntimeException e) {
            completeExceptionally(e);
          }
        });
    return this;
  }

  @Override
  public T join() {
    try {
      take(false, 0);
    } catch (InterruptedException e) {
      throw new AssertionError("join is not interrupted", e);
    }
    return super.join();
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    take(true, 0);
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long until = System.nanoTime() + unit.toNanos(timeout);
    take(true, until | 1);
    return super.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  /** Waits for the outcome and completes this future with it, unless others wait already. */
  private void take(boolean interruptible, long until) throws InterruptedException {
    if (isDone()) {
      return;
    }
    if (outcome == null) {
      guard();
      if (!WAITER.compareAndSet(this, null, Thread.currentThread())) {
        return;
      }
      park(interruptible, until);
    }
    if (outcome == null) {
      return;
    }
    if (getNumberOfDependents() == 0) {
      finish();
    } else {
      // Dependents are the application's code: they do not run on this thread.
      tasks.execute(this::finish);
    }
  }

  private void park(boolean interruptible, long until) throws InterruptedException {
    boolean interrupted = false;
    try {
      while (outcome == null && !isDone()) {
        if (Thread.interrupted()) {
          interrupted = true;
          if (interruptible) {
            throw new InterruptedException();
          }
        }
        if (until == 0) {
          LockSupport.park(this);
        } else {
          long left = until - System.nanoTime();
          if (left <= 0) {
            return;
          }
          LockSupport.parkNanos(this, left);
        }
      }
    } finally {
      waiter = null;
      if (outcome != null && interruptible && interrupted) {
        // The outcome came with the interrupt, and counted on this thread.
        tasks.execute(this::finish);
      }
      if (interrupted && !interruptible) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
