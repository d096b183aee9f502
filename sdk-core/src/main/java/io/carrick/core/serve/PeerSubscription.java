package io.carrick.core.serve;

import io.carrick.Call;
import io.carrick.OverflowPolicy;
import io.carrick.Principal;
import io.carrick.StatusCode;
import io.carrick.core.flow.Signals;
import io.carrick.core.message.Failure;
import io.carrick.core.queue.Fifo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of a peer: a queue of at most 1,024 messages or 1 MiB (F8), emptied as fast as the
 * peer takes them.
 */
abstract class PeerSubscription implements Subscription, Signals.Owner {

  static final int MAX_MESSAGES = 1_024;
  static final int MAX_BYTES = 1 << 20;

  private final Router router;
  private final String filter;
  private final OverflowPolicy policy;
  private final Principal principal;
  private final Signals signals;
  private final AtomicBoolean denialLogged = new AtomicBoolean();
  private final Object lock = new Object();

  // Guarded by lock.
  private final Fifo<Queued> queue = new Fifo<>();
  private final Fifo<Publication> waiting = new Fifo<>();
  private int bytes;
  private boolean finishing;
  private boolean ended;
  private @Nullable Failure failure;

  // Touched by the one that drains.
  private long supplied;
  private long skipped;

  PeerSubscription(Router router, String filter, OverflowPolicy policy, Principal principal) {
    this.router = router;
    this.filter = filter;
    this.policy = policy;
    this.principal = principal;
    this.signals = new Signals(this, router.tasks);
  }

  /** A message, and how many were dropped just before it. */
  private static final class Queued {
    final Publication publication;
    long missed;

    Queued(Publication publication, long missed) {
      this.publication = publication;
      this.missed = missed;
    }
  }

  /** How many more messages the peer takes now; each is given out once. */
  abstract long supply();

  /** Sends one message to the peer; false if it is one that the peer misses. */
  abstract boolean emit(Publication publication, long missed);

  /** Ends it at the peer. */
  abstract void fail(Failure failure);

  @Override
  public final String filter() {
    return filter;
  }

  @Override
  public final @Nullable Failure reserve(Origin origin) {
    if (policy != OverflowPolicy.BLOCK || origin.mayWait()) {
      return null;
    }
    return Failure.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        Origin.MAX_WAITING_PUBLISHES
            + " publishes wait for subscriptions that block, one to "
            + filter
            + ": publish slower, or subscribe with DROP_OLDEST");
  }

  @Override
  public final void unreserve() {}

  @Override
  public final void deliver(Publication publication, Call call) {
    if (!router.authorizing.mayReceive(principal, publication.topic(), denialLogged)) {
      return;
    }
    long overflow = 0;
    synchronized (lock) {
      if (ended || finishing) {
        return;
      }
      if (waiting.isEmpty() && fits(publication)) {
        add(publication, 0);
      } else if (policy == OverflowPolicy.BLOCK) {
        publication.ticket().hold();
        publication.origin().waits();
        waiting.add(publication);
      } else if (policy == OverflowPolicy.DROP_OLDEST) {
        add(publication, makeRoom(publication));
      } else {
        overflow = queue.size() + 1L;
      }
    }
    if (overflow == 0) {
      drain();
    } else {
      endWith(overflowed(overflow));
    }
  }

  private Failure overflowed(long missed) {
    return new Failure(
        StatusCode.RESOURCE_EXHAUSTED,
        "subscription to "
            + filter
            + " missed "
            + missed
            + " messages: its queue of "
            + MAX_MESSAGES
            + " messages or "
            + MAX_BYTES
            + " bytes was full; take them faster, or subscribe with DROP_OLDEST or BLOCK",
        Map.of("missed", Long.toString(missed)),
        false);
  }

  private boolean fits(Publication publication) {
    return queue.isEmpty()
        || (queue.size() < MAX_MESSAGES && bytes + publication.payload().length <= MAX_BYTES);
  }

  private void add(Publication publication, long missed) {
    queue.add(new Queued(publication, missed));
    bytes += publication.payload().length;
  }

  /** Drops the oldest until there is room; the count goes to the message that is next then. */
  private long makeRoom(Publication publication) {
    long missed = 0;
    while (!fits(publication)) {
      Queued oldest = queue.remove();
      bytes -= oldest.publication.payload().length;
      missed = oldest.missed + 1;
      Queued next = queue.peek();
      if (next != null) {
        next.missed += missed;
        missed = 0;
      }
    }
    return missed;
  }

  /** The peer may take more; any thread, never blocks. */
  final void drain() {
    if (signals.raise()) {
      signals.run();
    }
  }

  @Override
  public final void pass() {
    while (emitNext()) {
      // Until the peer takes no more or the queue is empty.
    }
  }

  /** A subscriber, or an interceptor around it, threw: it is over for it. */
  @Override
  public final void failed(Throwable thrown) {
    end(Failure.ofHandler(filter, thrown));
    Failure reason = takeFailure();
    if (reason != null) {
      fail(reason);
    }
  }

  private @Nullable Failure takeFailure() {
    synchronized (lock) {
      Failure reason = failure;
      failure = null;
      return reason;
    }
  }

  private boolean emitNext() {
    synchronized (lock) {
      if (finishing && !ended && queue.isEmpty()) {
        ended = true;
        failure = router.goesAway(filter);
      }
    }
    Failure reason = takeFailure();
    if (reason != null) {
      router.subscriptions.remove(this);
      fail(reason);
      return false;
    }
    synchronized (lock) {
      if (ended || queue.isEmpty()) {
        return false;
      }
    }
    if (supplied == 0) {
      supplied = supply();
      if (supplied == 0) {
        return false;
      }
    }
    Queued next;
    Publication taken = null;
    synchronized (lock) {
      next = queue.poll();
      if (next == null) {
        return false;
      }
      bytes -= next.publication.payload().length;
      Publication first = waiting.peek();
      if (first != null && fits(first)) {
        taken = waiting.remove();
        add(taken, 0);
      }
    }
    long missed = next.missed + skipped;
    try {
      if (emit(next.publication, missed)) {
        supplied--;
        skipped = 0;
      } else {
        skipped = missed + 1;
      }
    } finally {
      if (taken != null) {
        letGo(taken);
      }
    }
    return true;
  }

  private static void letGo(Publication publication) {
    publication.origin().goesOn();
    publication.ticket().release();
  }

  /** Messages come from now on. */
  final void begin() {
    router.subscriptions.add(this);
    boolean late;
    synchronized (lock) {
      late = ended;
    }
    if (late) {
      router.subscriptions.remove(this);
    }
  }

  @Override
  public final void finish() {
    synchronized (lock) {
      finishing = true;
    }
    drain();
  }

  @Override
  public final boolean isIdle() {
    synchronized (lock) {
      return queue.isEmpty() && waiting.isEmpty();
    }
  }

  /** Ends it by a failure, which the peer is told after what it was given before. */
  final void endWith(Failure reason) {
    end(reason);
    drain();
  }

  /** Nothing is delivered any more; publishes that wait go on. */
  final void end() {
    end(null);
  }

  private void end(@Nullable Failure reason) {
    List<Publication> left;
    synchronized (lock) {
      if (ended) {
        return;
      }
      ended = true;
      failure = reason;
      left = waiting.toList();
      waiting.clear();
      queue.clear();
      bytes = 0;
    }
    router.subscriptions.remove(this);
    left.forEach(PeerSubscription::letGo);
  }
}
