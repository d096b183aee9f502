package io.carrick.core.flow;

import io.carrick.CodecException;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.core.message.Failure;
import io.carrick.core.queue.Fifo;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.session.Exchanges;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.InboundMessage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives the messages of an exchange to a subscriber, as it asks for them. Signals are serial, in
 * callbacks. Begins without an exchange; demand is kept until there is one.
 */
public final class ItemReceiver<T> implements Flow.Subscription, Signals.Owner {

  /** Decodes an item; {@code missed} messages of a subscription were dropped before it. */
  @FunctionalInterface
  public interface Decoder<T> {
    T decode(Message message, long missed);
  }

  private static final System.Logger LOG = System.getLogger("io.carrick.flow");

  private final ApplicationExecutor tasks;
  private final Decoder<? extends T> decoder;
  private final String what;
  private final boolean opener;
  private final Consumer<Throwable> onThrow;
  private final Signals signals;
  private final Object lock = new Object();

  // Guarded by lock.
  private long demand;
  private @Nullable Session session;
  private @Nullable Exchange exchange;

  // Touched by the one that signals.
  private @Nullable Runnable accepted;
  private final Fifo<InboundMessage> polled = new Fifo<>(Exchanges.POLLED);

  private volatile @Nullable Runnable withoutExchange;
  private volatile boolean cancelled;
  private volatile @Nullable Throwable failure;

  // Set first, and cleared by the one that signals, so that nothing is held afterwards.
  private volatile Flow.@Nullable Subscriber<? super T> subscriber;

  /**
   * A receiver for a subscriber, whose onSubscribe the caller calls.
   *
   * @param what names the exchange in errors
   * @param opener whether this side opened it, so that cancelling ends it
   * @param onThrow told what the subscriber threw, once it is cancelled
   * @param accepted runs before the first item once the peer has accepted a subscription
   */
  public ItemReceiver(
      ApplicationExecutor tasks,
      Decoder<? extends T> decoder,
      String what,
      boolean opener,
      Consumer<Throwable> onThrow,
      @Nullable Runnable accepted,
      Flow.Subscriber<? super T> subscriber) {
    this.tasks = tasks;
    this.signals = new Signals(this, tasks);
    this.decoder = decoder;
    this.what = what;
    this.opener = opener;
    this.onThrow = onThrow;
    this.accepted = accepted;
    this.subscriber = subscriber;
  }

  /** What a cancel does before there is an exchange. */
  public void whenCancelled(Runnable action) {
    withoutExchange = action;
  }

  public boolean isCancelled() {
    return cancelled;
  }

  public boolean isFailed() {
    return failure != null;
  }

  /** The demand so far, for the OPEN. */
  public long takeDemand() {
    synchronized (lock) {
      long taken = demand;
      demand = 0;
      return taken;
    }
  }

  /** The exchange is there. */
  public void attach(Session toSession, Exchange toExchange) {
    long asked;
    synchronized (lock) {
      session = toSession;
      exchange = toExchange;
      asked = demand;
      demand = 0;
    }
    if (asked > 0) {
      toSession.exchanges().request(toExchange, asked);
    }
    if (cancelled) {
      abandon();
    }
    signal();
  }

  /** Ends it by a failure of this side. */
  public void fail(Throwable reason) {
    failure = reason;
    signal();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      if (!cancelled) {
        fail(
            new IllegalArgumentException(
                "request(" + n + ") must be positive (Reactive Streams rule 3.9)"));
      }
      return;
    }
    Session s;
    Exchange x;
    synchronized (lock) {
      s = session;
      x = exchange;
      if (s == null || x == null) {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        return;
      }
    }
    if (!cancelled) {
      s.exchanges().request(x, n);
    }
  }

  @Override
  public void cancel() {
    if (!cancelled) {
      cancelled = true;
      abandon();
      signal();
    }
  }

  private void abandon() {
    Session s;
    Exchange x;
    synchronized (lock) {
      s = session;
      x = exchange;
    }
    Runnable action = withoutExchange;
    if (s != null && x != null) {
      if (opener) {
        s.exchanges().cancel(x, StatusCode.CANCELLED);
      } else {
        s.exchanges().stopItems(x);
      }
    } else if (action != null) {
      action.run();
    }
  }

  /** Something changed; may be called by any thread at any time. */
  public void signal() {
    if (signals.raise()) {
      tasks.execute(signals);
    }
  }

  @Override
  public void pass() {
    Flow.Subscriber<? super T> target = subscriber;
    if (target != null) {
      pass(target);
    }
  }

  @Override
  public void failed(Throwable thrown) {
    fail(Failure.messaging(thrown, what));
  }

  private void pass(Flow.Subscriber<? super T> target) {
    Session s;
    Exchange x;
    synchronized (lock) {
      s = session;
      x = exchange;
    }
    if (s == null || x == null) {
      if (cancelled) {
        subscriber = null;
      } else {
        endIfFailed(target);
      }
      return;
    }
    // The end first: what came before it is in the inbox then.
    End end = x.end();
    tellAccepted(s, x);
    while (!cancelled && !endIfFailed(target)) {
      InboundMessage message = polled.poll();
      if (message == null) {
        s.exchanges().poll(x, polled);
        message = polled.poll();
        tellAccepted(s, x);
      }
      if (message == null) {
        break;
      }
      give(target, message);
    }
    if (cancelled) {
      subscriber = null;
    } else if (subscriber != null && end != null && end.cause() != End.Cause.COMPLETED) {
      MessagingException reason = Failure.of(end, what);
      tellEnd(() -> target.onError(reason));
    } else if (subscriber != null && (opener ? end != null : isDone(s, x, end))) {
      tellEnd(target::onComplete);
    }
  }

  /** What it takes to tell it is there: it is told once. */
  private void tellEnd(Runnable end) {
    subscriber = null;
    guarded(end);
  }

  /** An end that came since this pass began is told by the next one, with its cause. */
  private static boolean isDone(Session s, Exchange x, @Nullable End end) {
    return s.exchanges().inboundDone(x) && (end != null || x.end() == null);
  }

  private void tellAccepted(Session s, Exchange x) {
    Runnable action = accepted;
    if (action != null && s.exchanges().isAccepted(x)) {
      accepted = null;
      guarded(action);
    }
  }

  private boolean endIfFailed(Flow.Subscriber<? super T> target) {
    Throwable reason = failure;
    if (reason == null) {
      return false;
    }
    if (subscriber != null) {
      abandon();
      tellEnd(() -> target.onError(reason));
    }
    return true;
  }

  private void give(Flow.Subscriber<? super T> target, InboundMessage m) {
    T value;
    try {
      value = decoder.decode(m.message(m.topic()), m.missed());
    } catch (Throwable thrown) {
      MessagingException e = Failure.messaging(thrown, what);
      failure =
          e instanceof CodecException c
              ? new CodecException(
                  c.code(), io.carrick.Delivered.YES, String.valueOf(c.getMessage()), c)
              : e;
      return;
    }
    guarded(() -> target.onNext(value));
  }

  /** A subscriber that throws breaks Reactive Streams §2.13: it is over for it. */
  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      cancel();
      Contained.say(
          LOG,
          System.Logger.Level.WARNING,
          "the subscriber of " + what + " threw and is cancelled",
          e);
      onThrow.accept(e);
    }
  }
}
