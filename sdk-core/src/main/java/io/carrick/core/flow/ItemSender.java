package io.carrick.core.flow;

import io.carrick.Message;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Encoded;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.WriteBatch;
import io.carrick.core.session.Exchanges;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.Exchange;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sends the items of a publisher in an exchange, and asks it for as many as the session supplies. A
 * publisher that breaks the rules of Reactive Streams fails the exchange.
 */
public final class ItemSender implements Flow.Subscriber<Object>, Signals.Owner {

  private static final System.Logger LOG = System.getLogger("io.carrick.flow");
  private static final int ASK_AGAIN_BELOW = 16;

  /** What the end of the publisher means to the exchange. */
  public interface Ending {

    /** It gave its last item. */
    void completed();

    /** It failed, or an item could not be sent. */
    void failed(Throwable failure);

    /** It broke a rule of Reactive Streams. */
    void broken(String rule);
  }

  private final ApplicationExecutor tasks;
  private final Session session;
  private final Exchange exchange;
  private final Function<Object, Encoded> encoder;
  private final LongUnaryOperator missed;
  private final Ending ending;
  private final boolean ofSubscription;
  private final @Nullable TooLarge tooLarge;
  private final Signals signals;
  private final AtomicLong outstanding = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile Flow.@Nullable Subscription subscription;

  /** Whether the thread that subscribes must not ask: set before it does. */
  private volatile boolean elsewhere;

  /** Whether nothing is asked for yet. */
  private volatile boolean held;

  // Signals of the publisher are serial (Reactive Streams §1.3).
  private long skipped;

  /**
   * A subscriber whose items go out in an exchange.
   *
   * @param missed gives how many messages of a subscription were dropped before the item, and sets
   *     that to its argument
   */
  public ItemSender(
      ApplicationExecutor tasks,
      Session session,
      Exchange exchange,
      Function<Object, Encoded> encoder,
      LongUnaryOperator missed,
      Ending ending) {
    this.tasks = tasks;
    this.signals = new Signals(this, tasks);
    this.session = session;
    this.exchange = exchange;
    this.encoder = encoder;
    this.missed = missed;
    this.ending = ending;
    this.ofSubscription = exchange.openedByPeer() && exchange.incoming().kind() == Kind.SUBSCRIBE;
    this.tooLarge = ofSubscription ? new TooLarge(session, exchange.incoming().topic()) : null;
  }

  /** The exchange may take more, or has ended; any thread. */
  public void signal() {
    if (signals.raise()) {
      tasks.execute(signals);
    }
  }

  private void signalHere() {
    if (signals.raise()) {
      signals.run();
    }
  }

  /** Subscribes to a publisher; one that throws has failed. */
  public void subscribeTo(Flow.Publisher<?> source) {
    try {
      source.subscribe(this);
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** Subscribes on this thread, and asks for items on one of ours: it may be one of the caller. */
  public void subscribeHereTo(Flow.Publisher<?> source) {
    elsewhere = true;
    subscribeTo(source);
  }

  /** Subscribes, and asks for nothing before {@link #release}. */
  public void subscribeHeldTo(Flow.Publisher<?> source) {
    held = true;
    subscribeTo(source);
  }

  /** Items may follow now. */
  public void release() {
    held = false;
    signalHere();
  }

  @Override
  public void pass() {
    Flow.Subscription s = subscription;
    if (s != null && !held) {
      ask(s);
    }
  }

  /** The publisher threw, or an item could not be sent. */
  @Override
  public void failed(Throwable thrown) {
    if (over.compareAndSet(false, true)) {
      drop();
      ending.failed(thrown);
    } else {
      Contained.say(LOG, System.Logger.Level.WARNING, "a publisher threw after its end", thrown);
    }
  }

  private void ask(Flow.Subscription s) {
    if (exchange.end() != null || over.get()) {
      over.set(true);
      drop();
      return;
    }
    int more = session.exchanges().supply(exchange);
    if (more == Exchanges.STOPPED) {
      if (over.compareAndSet(false, true)) {
        drop();
        ending.completed();
      }
    } else if (more > 0) {
      outstanding.addAndGet(more);
      WriteBatch.begin();
      try {
        s.request(more);
      } finally {
        WriteBatch.end();
      }
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    Objects.requireNonNull(s, "subscription");
    if (subscription != null || over.get()) {
      cancel(s);
      return;
    }
    subscription = s;
    if (elsewhere) {
      signal();
    } else {
      signalHere();
    }
  }

  @Override
  public void onNext(Object item) {
    if (item == null) {
      breaks("its publisher gave null (Reactive Streams rule 2.13)");
      throw new NullPointerException("item");
    }
    if (over.get()) {
      return;
    }
    long left = outstanding.decrementAndGet();
    if (left < 0) {
      breaks("its publisher gave more items than were asked for (Reactive Streams rule 1.1)");
      return;
    }
    try {
      Encoded e = encoder.apply(item);
      TooLarge too = tooLarge;
      if (too != null && too.is(e.payload())) {
        skipped += missed.applyAsLong(0) + 1;
        askForAnother();
        return;
      }
      String topic = ofSubscription && item instanceof Message m ? m.topic() : "";
      long before = skipped + missed.applyAsLong(0);
      skipped = 0;
      session
          .exchanges()
          .send(exchange, topic, e.headers(), e.contentType(), e.payload(), before, false);
    } catch (Throwable e) {
      failed(e);
      return;
    }
    if (left <= ASK_AGAIN_BELOW) {
      signalHere();
    }
  }

  /** Instead of one that does not go: what it was asked for is still to come. */
  private void askForAnother() {
    Flow.Subscription s = subscription;
    if (s != null) {
      outstanding.incrementAndGet();
      s.request(1);
    }
  }

  private void breaks(String rule) {
    if (over.compareAndSet(false, true)) {
      drop();
      ending.broken(rule);
    }
  }

  private void drop() {
    Flow.Subscription s = subscription;
    subscription = null;
    if (s != null) {
      cancel(s);
    }
  }

  /** Nobody waits for what comes of a cancel: what it throws is only said. */
  private static void cancel(Flow.Subscription s) {
    try {
      s.cancel();
    } catch (Throwable e) {
      Contained.say(LOG, System.Logger.Level.WARNING, "a publisher threw when it was cancelled", e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    Objects.requireNonNull(failure, "failure");
    if (over.compareAndSet(false, true)) {
      subscription = null;
      ending.failed(failure);
    }
  }

  @Override
  public void onComplete() {
    if (over.compareAndSet(false, true)) {
      subscription = null;
      ending.completed();
    }
  }
}
