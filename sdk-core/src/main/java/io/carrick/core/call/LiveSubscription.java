package io.carrick.core.call;

import io.carrick.CallCancelledException;
import io.carrick.CallException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.ProtocolException;
import io.carrick.Registration;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.TypeRef;
import io.carrick.core.flow.ItemReceiver;
import io.carrick.core.message.Body;
import io.carrick.core.message.Failure;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Delays;
import io.carrick.core.run.GuardedFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that outlives its sessions: after a lost one it is made again, and its subscriber
 * is told of the gap before the next message.
 */
final class LiveSubscription<T> implements Registration, Flow.Subscriber<Message> {

  private static final System.Logger LOG = System.getLogger("io.carrick.subscriptions");
  private static final long FIRST_WAIT_NANOS = 50_000_000L;
  private static final long LONGEST_WAIT_NANOS = 5_000_000_000L;

  private final ApplicationExecutor tasks;
  private final Opener opener;
  private final BooleanSupplier over;
  private final Delays delays;
  private final OutgoingCall call;
  private final Around around;
  private final TypeRef<T> type;
  private final Subscriber<? super T> subscriber;
  private final CompletableFuture<Registration> first;

  private volatile boolean closed;
  private volatile Flow.@Nullable Subscription subscription;

  // Touched by the signals of one flow at a time.
  private boolean acceptedOnce;
  private long wait = FIRST_WAIT_NANOS;

  /** Puts interceptors around a flow of messages, which begins with the headers they give it. */
  interface Around {
    Flow.Publisher<Message> open(Function<Headers, Flow.Publisher<Message>> flow);
  }

  /** Opens a flow of its messages; see {@link CallerFlow}. */
  interface Opener {
    Flow.Publisher<Message> open(
        OutgoingCall call,
        ItemReceiver.Decoder<Message> decoder,
        boolean patient,
        Runnable accepted);
  }

  /**
   * A subscription to be started.
   *
   * @param over whether it cannot be made again
   * @param around puts interceptors around each flow of messages
   */
  LiveSubscription(
      ApplicationExecutor tasks,
      Opener opener,
      BooleanSupplier over,
      Delays delays,
      OutgoingCall call,
      Around around,
      TypeRef<T> type,
      Subscriber<? super T> subscriber) {
    this.tasks = tasks;
    this.opener = opener;
    this.over = over;
    this.delays = delays;
    this.call = call;
    this.around = around;
    this.type = type;
    this.subscriber = subscriber;
    this.first = new GuardedFuture<>(tasks);
    first.whenComplete(
        (registration, failure) -> {
          CallClock clock = call.clock();
          if (clock != null) {
            clock.reached();
          }
          if (failure != null) {
            close();
          }
        });
  }

  /** Subscribes; completes when the service has accepted the filter. */
  CompletableFuture<Registration> start() {
    CallClock clock = call.clock();
    if (clock != null) {
      clock.start(first::completeExceptionally);
    }
    open(false);
    return first;
  }

  private void open(boolean patient) {
    try {
      around
          .open(
              headers ->
                  opener.open(call.withHeaders(headers), this::tellMissed, patient, this::accepted))
          .subscribe(this);
    } catch (Throwable e) {
      onError(e);
    }
  }

  /** Told in its place: right before the message that was next. */
  private Message tellMissed(Message message, long missed) {
    if (missed != 0) {
      guarded(() -> subscriber.onGap(missed));
    }
    return message;
  }

  private void accepted() {
    wait = FIRST_WAIT_NANOS;
    if (acceptedOnce) {
      guarded(() -> subscriber.onGap(-1));
    } else {
      acceptedOnce = true;
      // Messages may follow: who waits for them in a continuation must not hold them up.
      tasks.execute(() -> first.complete(this));
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    if (closed) {
      s.cancel();
    } else {
      s.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(Message message) {
    T value;
    try {
      value = new Body<>(call.codecs().decode(message, type)).value();
    } catch (Throwable e) {
      Contained.say(
          LOG, System.Logger.Level.WARNING, "a message of " + call.what() + " was left out", e);
      return;
    }
    if (!closed) {
      guarded(() -> subscriber.onMessage(value, message));
    }
  }

  @Override
  public void onError(Throwable thrown) {
    if (closed) {
      return;
    }
    MessagingException failure = Failure.messaging(thrown, call.what());
    if (!acceptedOnce) {
      tasks.execute(() -> first.completeExceptionally(failure));
    } else if (passes(failure) && !over.getAsBoolean()) {
      long nanos = wait;
      wait = Math.min(LONGEST_WAIT_NANOS, wait * 2);
      delays.after(nanos, () -> tasks.execute(() -> open(true)));
    } else {
      end(failure);
    }
  }

  /**
   * Nobody but a session that ends cancels it while it is not closed; and where there is no place
   * to wait in among many calls, there is one later.
   */
  private static boolean passes(MessagingException failure) {
    return failure instanceof SessionLostException
        || failure instanceof CallCancelledException
        || failure instanceof ProtocolException
        || failure instanceof ConnectException
        || failure instanceof DeadlineExceededException
        || (failure instanceof OverloadedException && failure.delivered() == Delivered.NO)
        || (failure instanceof CallException && failure.code() == StatusCode.UNAVAILABLE);
  }

  @Override
  public void onComplete() {
    onError(
        new CallException(
            StatusCode.UNAVAILABLE,
            Delivered.YES,
            "the service ended the " + call.what(),
            java.util.Map.of(),
            null));
  }

  private void end(MessagingException reason) {
    closed = true;
    guarded(() -> subscriber.onEnd(reason));
  }

  /** What a subscriber may throw. */
  private interface Action {
    void run() throws Exception;
  }

  private void guarded(Action action) {
    try {
      action.run();
    } catch (Throwable e) {
      String what = "the subscriber of " + call.what() + " failed";
      Contained.say(LOG, System.Logger.Level.WARNING, what, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    Flow.Subscription s = subscription;
    if (s != null) {
      s.cancel();
    }
  }
}
