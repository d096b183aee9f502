package io.carrick.core.path;

import io.carrick.PathEvent;
import io.carrick.Registration;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The last events of a session's paths, and who listens to them. Safe for use by any thread. */
public final class PathEvents {

  /** The events that are kept. */
  static final int MAX_EVENTS = 64;

  /** The events that wait for a slow listener. */
  static final int MAX_WAITING = 256;

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  private final ApplicationExecutor tasks;
  private final Set<Listening> listeners = ConcurrentHashMap.newKeySet();

  // Guarded by itself.
  private final ArrayDeque<PathEvent> history = new ArrayDeque<>(MAX_EVENTS + 1);

  public PathEvents(ApplicationExecutor tasks) {
    this.tasks = tasks;
  }

  void add(PathEvent.What what, String from, String to, String reason) {
    PathEvent event = new PathEvent(Instant.now(), what, from, to, reason);
    synchronized (history) {
      if (history.size() == MAX_EVENTS) {
        history.remove();
      }
      history.add(event);
      // In this order, here; told outside, since an executor may tell in place.
      listeners.forEach(l -> l.add(event));
    }
    listeners.forEach(Listening::begin);
  }

  List<PathEvent> history() {
    synchronized (history) {
      return new ArrayList<>(history);
    }
  }

  public Registration listen(Consumer<? super PathEvent> listener) {
    Listening listening = new Listening(listener);
    listeners.add(listening);
    return () -> listeners.remove(listening);
  }

  /** One listener: hears one event at a time, in order. */
  private final class Listening {

    private final Consumer<? super PathEvent> listener;

    // Guarded by waiting.
    private final ArrayDeque<PathEvent> waiting = new ArrayDeque<>(MAX_WAITING + 1);
    private long missed;
    private boolean busy;

    Listening(Consumer<? super PathEvent> listener) {
      this.listener = listener;
    }

    void add(PathEvent event) {
      synchronized (waiting) {
        if (waiting.size() == MAX_WAITING) {
          waiting.remove();
          missed++;
        }
        waiting.add(event);
      }
    }

    void begin() {
      synchronized (waiting) {
        if (busy || waiting.isEmpty()) {
          return;
        }
        busy = true;
      }
      try {
        tasks.execute(this::tell);
      } catch (Throwable t) {
        end();
        Contained.log(Failing.LISTENER_NOT_TOLD, t);
      }
    }

    private void tell() {
      boolean all = false;
      try {
        for (PathEvent next = next(); next != null; next = next()) {
          tell(next);
        }
        all = true;
      } finally {
        if (!all) {
          end();
        }
      }
    }

    private void tell(PathEvent event) {
      try {
        listener.accept(event);
      } catch (Throwable t) {
        Contained.log(Failing.LISTENER, t);
      }
    }

    /** What waits is told with the next event. */
    private void end() {
      synchronized (waiting) {
        busy = false;
      }
    }

    private @Nullable PathEvent next() {
      long left;
      PathEvent next;
      synchronized (waiting) {
        left = missed;
        missed = 0;
        next = waiting.poll();
        busy = next != null;
      }
      if (left > 0) {
        Contained.say(
            LOG,
            System.Logger.Level.WARNING,
            "a listener of path events is slow: it will not hear of " + left,
            null);
      }
      return next;
    }
  }
}
