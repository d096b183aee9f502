package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.core.message.Failure;
import io.carrick.core.queue.Fifo;
import io.carrick.core.session.Session;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One round of attempts to give a session another connection. The best endpoint is dialled first;
 * where that has not answered after a short time, the next one beside it (RFC 8305), so that an
 * endpoint that is silent holds up nobody. Each is dialled once, so that no more are under way than
 * there are endpoints. RESUME is said on one connection at a time (R6). Safe for use by any thread.
 */
final class ResumeRound {

  /** How long an endpoint is alone with its attempt: 250 ms. */
  static final long ALONE_NANOS = 250_000_000L;

  /** What came of it: exactly one of {@code moved} and {@code nobody}, at the end. */
  interface Outcome {

    /** This endpoint carries the session. */
    void moved(Endpoint to);

    /** This one does not. */
    void failed(Endpoint target, Throwable failure);

    /** None does; the reasons in the order in which they came. */
    void nobody(List<String> reasons);
  }

  private final MessengerContext node;
  private final Session session;
  private final PathDialer dialer;
  private final List<Endpoint> targets;
  private final Outcome outcome;
  private final Object lock = new Object();

  // Guarded by lock.
  private final Fifo<Reached> reached = new Fifo<>();
  private final List<String> reasons = new ArrayList<>();
  private int begun;
  private int ended;
  private long lastBegun = System.nanoTime();
  private @Nullable Attempt attempt;
  private boolean cancelled;
  private boolean over;

  /** An endpoint that gave a connection. */
  private record Reached(Endpoint at, PathDialer.Found found) {

    void close() {
      found.connection().close(CloseReason.local("another path was quicker"));
    }
  }

  /** The connection on which RESUME was said. */
  private static final class Attempt {
    private final long since = System.nanoTime();
    private @Nullable CompletableFuture<Void> resuming;
    private boolean givenUp;
  }

  ResumeRound(
      MessengerContext node,
      Session session,
      PathDialer dialer,
      List<Endpoint> targets,
      Outcome outcome) {
    this.node = node;
    this.session = session;
    this.dialer = dialer;
    this.targets = targets;
    this.outcome = outcome;
  }

  void begin() {
    dialNext();
    settle();
    node.delays().every(ALONE_NANOS, ALONE_NANOS, this::watch);
  }

  /** False once the round is over. */
  private boolean watch() {
    synchronized (lock) {
      if (over) {
        return false;
      }
    }
    node.tasks().execute(this::lookOn);
    return true;
  }

  /** Who is silent is not waited for, where there is somebody else. */
  private void lookOn() {
    long now = System.nanoTime();
    boolean next;
    synchronized (lock) {
      next = now - lastBegun >= ALONE_NANOS;
    }
    if (next) {
      dialNext();
    }
    Attempt slow = null;
    synchronized (lock) {
      Attempt under = attempt;
      if (under != null && !reached.isEmpty() && now - under.since >= ALONE_NANOS) {
        slow = under;
      }
    }
    giveUp(slow);
  }

  private void dialNext() {
    Endpoint target;
    synchronized (lock) {
      if (over || cancelled || begun == targets.size()) {
        return;
      }
      target = targets.get(begun++);
      lastBegun = System.nanoTime();
    }
    CompletableFuture<PathDialer.Found> dialled;
    try {
      dialled = dialer.connect(target);
    } catch (Throwable t) {
      dialled = CompletableFuture.failedFuture(t);
    }
    dialled.whenComplete(
        (found, failure) ->
            node.tasks()
                .execute(
                    () -> {
                      if (failure == null) {
                        reached(new Reached(target, found));
                      } else {
                        failed(target, failure);
                      }
                    }));
  }

  private void reached(Reached one) {
    boolean late;
    synchronized (lock) {
      late = over || cancelled;
      if (!late) {
        reached.add(one);
      }
    }
    if (late) {
      one.close();
    } else {
      resumeNext();
    }
  }

  private void resumeNext() {
    Reached next;
    Attempt now;
    synchronized (lock) {
      if (over || attempt != null || reached.isEmpty()) {
        return;
      }
      next = reached.remove();
      now = new Attempt();
      attempt = now;
    }
    CompletableFuture<Void> resuming;
    try {
      resuming = session.resume(next.found().connection(), next.found().ownEndpoint());
    } catch (Throwable t) {
      next.close();
      resuming = CompletableFuture.failedFuture(t);
    }
    resuming.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            moved(next.at());
          } else {
            node.tasks().execute(() -> notResumed(next.at(), now, failure));
          }
        });
    boolean givenUp;
    synchronized (lock) {
      now.resuming = resuming;
      givenUp = now.givenUp;
    }
    if (givenUp) {
      resuming.cancel(false);
    }
  }

  private void moved(Endpoint to) {
    List<Reached> others;
    synchronized (lock) {
      over = true;
      others = reached.toList();
      reached.clear();
    }
    others.forEach(Reached::close);
    outcome.moved(to);
  }

  private void notResumed(Endpoint target, Attempt ended, Throwable failure) {
    boolean givenUp;
    synchronized (lock) {
      attempt = null;
      givenUp = ended.givenUp;
    }
    failed(
        target,
        givenUp ? new ConnectException(target + " did not answer RESUME in time", null) : failure);
  }

  private void failed(Endpoint target, Throwable failure) {
    Throwable cause = Failure.unwrap(failure);
    synchronized (lock) {
      if (over) {
        return;
      }
      ended++;
      reasons.add(target + ": " + cause.getMessage());
    }
    outcome.failed(target, cause);
    resumeNext();
    dialNext();
    settle();
  }

  /** Gives up, unless the session moves in the same moment. */
  void cancel() {
    List<Reached> left;
    Attempt under;
    synchronized (lock) {
      cancelled = true;
      left = reached.toList();
      reached.clear();
      under = attempt;
    }
    left.forEach(Reached::close);
    giveUp(under);
    settle();
  }

  private void giveUp(@Nullable Attempt slow) {
    CompletableFuture<Void> resuming = null;
    synchronized (lock) {
      if (slow != null) {
        slow.givenUp = true;
        resuming = slow.resuming;
      }
    }
    if (resuming != null) {
      resuming.cancel(false);
    }
  }

  /** Ends the round where nothing is left of it. */
  private void settle() {
    List<String> told;
    synchronized (lock) {
      boolean goesOn = !cancelled && ended < targets.size();
      if (over || goesOn || attempt != null || !reached.isEmpty()) {
        return;
      }
      over = true;
      told = List.copyOf(reasons);
    }
    outcome.nobody(told);
  }
}
