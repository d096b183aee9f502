package io.carrick.transport.support.edge;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the items of a publisher as the answers of a call, and asks for them only while its
 * protocol takes more and its caller allows it: at most {@value #MOST_AHEAD}, and no more than make
 * up {@value #BYTES_AHEAD} bytes if they are as large as the last one. Safe for use by any thread.
 */
public final class ItemWriter implements Flow.Subscriber<Message> {

  static final int MOST_AHEAD = 32;
  static final int BYTES_AHEAD = 65_536;

  private static final int FIRST_AHEAD = 1;

  /**
   * Each frame that a library keeps is some objects beside its bytes: so many small ones are
   * enough.
   */
  private static final int FRAMES_AHEAD = 128;

  private static final int MOST_QUEUED_BYTES = 32 * 1024;

  private final EdgeResponse response;
  private final UnreadStreams unread;
  private final BooleanSupplier held;
  private final Object lock = new Object();

  // Guarded by lock, as what is done to the call.
  private Flow.@Nullable Subscription subscription;
  private int ahead = FIRST_AHEAD;
  private int outstanding;
  private long asked;
  private int threshold = MOST_QUEUED_BYTES;
  private boolean waits; // Whether unread knows of it.
  private boolean accepted;
  private boolean completed;
  private boolean ended;

  /**
   * A writer to a call.
   *
   * @param unread those of the listener that nobody reads
   * @param held whether the call must go on though there are no more items; {@link #release} tells
   *     that this has changed
   */
  public ItemWriter(EdgeResponse response, UnreadStreams unread, BooleanSupplier held) {
    this.response = response;
    this.unread = unread;
    this.held = held;
  }

  /** The protocol may take more. */
  public void ready() {
    Flow.Subscription source;
    int more;
    synchronized (lock) {
      source = subscription;
      if (ended || source == null || outstanding > ahead / 2 || !response.isReady()) {
        return;
      }
      goesOn();
      more = (int) Math.min(ahead - outstanding, response.allowed() - asked);
      if (more <= 0) {
        return;
      }
      outstanding += more;
      asked += more;
    }
    source.request(more);
  }

  /** The lock is held. */
  private void goesOn() {
    if (waits) {
      waits = false;
      unread.remove(this);
    }
  }

  /** Whether it has to wait for the caller from now on; the lock is held. */
  private boolean stalls() {
    boolean now = !waits && !ended && !response.isReady();
    waits |= now;
    return now;
  }

  private void keepFew(int bytes) {
    int wanted = Math.max(1, Math.min(MOST_QUEUED_BYTES, bytes * FRAMES_AHEAD));
    if (wanted < threshold / 2 || wanted > threshold) {
      threshold = wanted;
      response.keep(wanted);
    }
  }

  /** Subscribes to what the caller may have, and tells it so. */
  public void subscribed(Flow.@Nullable Publisher<Message> items, @Nullable Throwable refused) {
    if (items == null) {
      onError(Objects.requireNonNull(refused, "why there are no items"));
    } else {
      items.subscribe(this);
      accepted();
    }
  }

  /** Tells the caller that items come from now on, if it is not over already. */
  private void accepted() {
    synchronized (lock) {
      if (!ended) {
        accept();
      }
    }
  }

  /** The caller is gone. */
  public void cancel() {
    Flow.Subscription source;
    synchronized (lock) {
      ended = true;
      goesOn();
      source = subscription;
      subscription = null;
    }
    if (source != null) {
      source.cancel();
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    boolean useless;
    synchronized (lock) {
      useless = ended || subscription != null;
      if (!useless) {
        subscription = s;
      }
    }
    if (useless) {
      s.cancel();
    } else {
      ready();
    }
  }

  @Override
  public void onNext(Message item) {
    Objects.requireNonNull(item, "item");
    EdgeResponse.Item encoded = response.item(item);
    boolean unasked;
    boolean stalls = false;
    synchronized (lock) {
      if (ended) {
        return;
      }
      unasked = outstanding == 0;
      if (!unasked) {
        outstanding--;
        int bytes = Math.max(1, encoded.bytes());
        ahead = Math.max(1, Math.min(MOST_AHEAD, BYTES_AHEAD / bytes));
        keepFew(bytes);
        accept();
        encoded.send();
        stalls = stalls();
      }
    }
    if (unasked) {
      fail(
          new CallException(
              StatusCode.INTERNAL,
              Delivered.YES,
              "the publisher gave more items than were asked for (Reactive Streams rule 1.1)",
              Map.of(),
              null));
    } else if (stalls) {
      unread.add(this); // Outside the lock: another writer may have to end.
      forgetIfGone();
      ready();
    } else {
      ready();
    }
  }

  /** What went on, or ended, before it was added. */
  private void forgetIfGone() {
    boolean gone;
    synchronized (lock) {
      gone = !waits;
    }
    if (gone) {
      unread.remove(this);
    }
  }

  private void accept() {
    if (!accepted) {
      accepted = true;
      response.accepted();
    }
  }

  /** Ends the call by a failure, and what feeds it. */
  public void fail(Throwable failure) {
    Flow.Subscription source;
    synchronized (lock) {
      source = subscription;
    }
    onError(failure);
    if (source != null) {
      source.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {
    EdgeFailure told = EdgeFailure.of(failure);
    synchronized (lock) {
      if (!ended) {
        ended = true;
        goesOn();
        subscription = null;
        response.end(told);
      }
    }
  }

  @Override
  public void onComplete() {
    synchronized (lock) {
      completed = true;
      subscription = null;
    }
    release();
  }

  /** Ends the call if nothing holds it any more. */
  public void release() {
    synchronized (lock) {
      if (completed && !ended && !held.getAsBoolean()) {
        ended = true;
        goesOn();
        accept();
        response.end();
      }
    }
  }
}
