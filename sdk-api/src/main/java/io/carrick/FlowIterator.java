package io.carrick;

import java.util.Iterator;
import java.util.LinkedList;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The items of a publisher, for a thread that waits for them: made by {@link Flows#iterate}. Used
 * by one thread at a time; {@link #close} may be called by any. A thread that must not block, such
 * as one of a {@link HandlerOptions#nonBlocking()} handler, must not wait here.
 *
 * @param <T> the items
 */
public final class FlowIterator<T> implements Iterator<T>, AutoCloseable {

  /** The largest number of items that are asked for ahead: 1,024. */
  public static final int MAX_PREFETCH = 1_024;

  private final int prefetch;
  private final Reader reader = new Reader();

  // Guarded by this.
  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<T> waiting = new LinkedList<>();

  private Flow.@Nullable Subscription subscription;
  private int taken;
  private boolean over;
  private @Nullable Throwable failure;

  FlowIterator(Flow.Publisher<? extends T> items, int prefetch) {
    if (prefetch < 1 || prefetch > MAX_PREFETCH) {
      throw new IllegalArgumentException(
          "prefetch " + prefetch + " must be 1 to " + MAX_PREFETCH + " items");
    }
    this.prefetch = prefetch;
    items.subscribe(reader);
  }

  /**
   * Whether there is another item; waits until there is one, or the end.
   *
   * @throws MessagingException if the publisher has failed with one, after the items before it;
   *     other unchecked exceptions and errors are thrown as they are, and checked ones in a {@link
   *     CompletionException}. {@link CallCancelledException} if the thread is interrupted while it
   *     waits: the items are closed then, and the thread stays interrupted
   */
  @Override
  public boolean hasNext() {
    Throwable thrown;
    try {
      synchronized (this) {
        while (waiting.isEmpty() && !over) {
          wait();
        }
        if (!waiting.isEmpty()) {
          return true;
        }
        thrown = failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new CallCancelledException(
          Delivered.MAYBE, "the thread that waited for the next item was interrupted", e);
    }
    if (thrown == null) {
      return false;
    }
    if (thrown instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    throw new CompletionException(thrown);
  }

  /**
   * The next item; waits for it as {@link #hasNext} does, and throws what that throws.
   *
   * @throws NoSuchElementException if there is none
   */
  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the publisher has no more items, or they were closed");
    }
    Flow.Subscription from = null;
    int more = 0;
    T item;
    synchronized (this) {
      item = waiting.poll();
      if (item == null) {
        throw new NoSuchElementException("the items were closed");
      }
      if (++taken >= (prefetch + 1) / 2 && !over) {
        from = subscription;
        more = taken;
        taken = 0;
      }
    }
    if (from != null) {
      from.request(more);
    }
    return item;
  }

  /**
   * Cancels the publisher and forgets what waits; a thread that waits is told that nothing comes.
   */
  @Override
  public void close() {
    Flow.Subscription from;
    synchronized (this) {
      waiting.clear();
      from = over ? null : subscription;
      end(null);
    }
    if (from != null) {
      from.cancel();
    }
  }

  /** Called with the monitor held. */
  private void end(@Nullable Throwable reason) {
    if (!over) {
      over = true;
      failure = reason;
    }
    notifyAll();
  }

  private final class Reader implements Flow.Subscriber<T> {

    @Override
    public void onSubscribe(Flow.Subscription given) {
      Objects.requireNonNull(given, "subscription");
      boolean refused;
      synchronized (FlowIterator.this) {
        refused = subscription != null || over;
        subscription = refused ? subscription : given;
      }
      if (refused) {
        given.cancel();
      } else {
        given.request(prefetch);
      }
    }

    @Override
    public void onNext(T item) {
      Objects.requireNonNull(item, "item");
      Flow.Subscription tooMany = null;
      synchronized (FlowIterator.this) {
        if (over) {
          return;
        }
        if (waiting.size() == prefetch) {
          tooMany = subscription;
          end(
              new IllegalStateException(
                  "the publisher gave more than the " + prefetch + " items it was asked for"));
        } else {
          waiting.add(item);
          FlowIterator.this.notifyAll();
        }
      }
      if (tooMany != null) {
        tooMany.cancel();
      }
    }

    @Override
    public void onError(Throwable reason) {
      Objects.requireNonNull(reason, "failure");
      synchronized (FlowIterator.this) {
        end(reason);
      }
    }

    @Override
    public void onComplete() {
      synchronized (FlowIterator.this) {
        end(null);
      }
    }
  }
}
