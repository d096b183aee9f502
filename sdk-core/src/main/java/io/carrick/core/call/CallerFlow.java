package io.carrick.core.call;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.flow.ItemReceiver;
import io.carrick.core.flow.ItemSender;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.path.SessionSource;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Delays;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A stream, a channel or a subscription that this side opens, anew for each subscriber.
 *
 * @param <T> what items are decoded to
 */
final class CallerFlow<T> implements Flow.Publisher<T> {

  private final ApplicationExecutor tasks;
  private final SessionSource line;
  private final Delays delays;
  private final OutgoingCall call;
  private final ItemReceiver.Decoder<? extends T> decoder;
  private final Flow.@Nullable Publisher<?> values;
  private final boolean patient;
  private final @Nullable Runnable accepted;

  /**
   * A flow to be opened.
   *
   * @param values what a channel sends; null otherwise
   * @param patient whether it waits for a session without a deadline
   * @param accepted runs in its place among the items when a subscription was accepted
   */
  CallerFlow(
      ApplicationExecutor tasks,
      SessionSource line,
      Delays delays,
      OutgoingCall call,
      ItemReceiver.Decoder<? extends T> decoder,
      Flow.@Nullable Publisher<?> values,
      boolean patient,
      @Nullable Runnable accepted) {
    this.tasks = tasks;
    this.line = line;
    this.delays = delays;
    this.call = call;
    this.decoder = decoder;
    this.values = values;
    this.patient = patient;
    this.accepted = accepted;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    ItemReceiver<T> receiver =
        new ItemReceiver<>(tasks, decoder, call.what(), true, thrown -> {}, accepted, subscriber);
    subscriber.onSubscribe(receiver);
    if (!receiver.isCancelled()) {
      new Run(call.again(), receiver).start();
    }
  }

  /** One exchange for one subscriber. */
  private final class Run implements ExchangeOwner, SessionSource.Waiter {

    private final OutgoingCall outgoing;
    private final ItemReceiver<T> receiver;
    private volatile @Nullable ItemSender sender;
    private volatile @Nullable WaitingTime waiting;

    Run(OutgoingCall outgoing, ItemReceiver<T> receiver) {
      this.outgoing = outgoing;
      this.receiver = receiver;
    }

    void start() {
      CallClock clock = outgoing.clock();
      MessagingException late = clock == null || patient ? null : clock.late();
      if (late != null) {
        failed(late);
        return;
      }
      Session now = line.current();
      if (now == null || !open(now, !CarrickThreads.isReader())) {
        if (!patient) {
          waiting = new WaitingTime(delays, outgoing.remainingNanos(), this::expireWaiting);
        }
        receiver.whenCancelled(() -> line.forget(this));
        line.await(this);
        if (receiver.isCancelled() || receiver.isFailed()) {
          line.forget(this); // It was over before it had its place.
        }
      }
    }

    private void expireWaiting() {
      line.forget(this);
      failed(
          Failure.noSession(
              outgoing.what(), line.service(), line.lastFailure(), outgoing.options().deadline()));
    }

    @Override
    public boolean connected(Session session) {
      return open(session, false);
    }

    /**
     * Opens the exchange, unless the session is over.
     *
     * @param here whether this is the thread that subscribed: then the values are subscribed to
     *     before control goes back to it
     */
    private boolean open(Session session, boolean here) {
      WaitingTime time = waiting;
      if (time != null && !time.hold()) {
        return true;
      }
      if (receiver.isCancelled() || receiver.isFailed()) {
        // Says so to a subscriber that was not told yet.
        receiver.signal();
        stop(time);
        return true;
      }
      OutgoingCall now = patient ? outgoing.again() : outgoing;
      long demand = 0;
      try {
        Encoded body = now.encode(session.peer().contentTypes());
        demand = receiver.takeDemand();
        Exchange x = session.exchanges().open(now.opening(body, demand), this);
        receiver.attach(session, x);
        Flow.Publisher<?> source = values;
        if (source != null) {
          sendValues(session, x, source, here);
        }
      } catch (SessionLostException e) {
        if (demand > 0) {
          receiver.request(demand); // The next session is asked for it.
        }
        if (time != null) {
          time.release();
        }
        return receiver.isFailed();
      } catch (Throwable e) {
        unmade(time, e);
      }
      stop(time);
      return true;
    }

    private void unmade(@Nullable WaitingTime time, Throwable why) {
      try {
        receiver.fail(Failure.messaging(why, outgoing.what()));
      } catch (OutOfMemoryError e) {
        if (time != null) {
          time.release();
        }
        throw e;
      }
    }

    private static void stop(@Nullable WaitingTime time) {
      if (time != null) {
        time.stop();
      }
    }

    private void sendValues(Session session, Exchange x, Flow.Publisher<?> source, boolean here) {
      ItemSender out =
          new ItemSender(
              tasks,
              session,
              x,
              value ->
                  call.codecs()
                      .encode(value, call.options().contentType(), session.peer().contentTypes()),
              nothing -> 0,
              new ValueEnding(session, x));
      sender = out;
      if (here) {
        out.subscribeHereTo(source);
      } else {
        tasks.execute(() -> out.subscribeTo(source));
      }
    }

    @Override
    public void failed(MessagingException reason) {
      receiver.fail(reason);
    }

    @Override
    public int waitingBytes() {
      return 0;
    }

    @Override
    public long patienceNanos() {
      return outgoing.remainingNanos();
    }

    @Override
    public boolean waitForReady() {
      return patient || outgoing.options().waitForReady();
    }

    @Override
    public void ready(Exchange x) {
      receiver.signal();
      ItemSender out = sender;
      if (out != null) {
        out.signal();
      }
    }

    private final class ValueEnding implements ItemSender.Ending {

      private final Session session;
      private final Exchange exchange;

      ValueEnding(Session session, Exchange exchange) {
        this.session = session;
        this.exchange = exchange;
      }

      @Override
      public void completed() {
        session.exchanges().finish(exchange);
      }

      @Override
      public void failed(Throwable failure) {
        receiver.fail(failure);
        session.exchanges().cancel(exchange, StatusCode.CANCELLED);
      }

      @Override
      public void broken(String rule) {
        failed(
            new CallException(
                StatusCode.INTERNAL,
                Delivered.MAYBE,
                outgoing.what() + " broke a rule with its values: " + rule,
                Map.of(),
                null));
      }
    }
  }
}
