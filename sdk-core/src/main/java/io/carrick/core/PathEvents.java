package io.carrick.core;

import io.carrick.PathEvent;
import io.carrick.Registration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The last events of a session's paths, and who listens to them. Safe for use by any thread. */
final class PathEvents {

  /** The events that are kept. */
  static final int MAX_EVENTS = 64;

  /** The events that wait for a slow listener. */
  static final int MAX_WAITING = 256;

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  private final Tasks tasks;
  private final Set<Listening> listeners = ConcurrentHashMap.newKeySet();

  // Guarded by itself.
  private final ArrayDeque<PathEvent> history = new ArrayDeque<>();

  PathEvents(Tasks tasks) {
    this.tasks = tasks;
  }

  void add(PathEvent.What what, String from, String to, String reason) {
    PathEvent event = new PathEvent(Instant.now(), what, from, to, reason);
    synchronized (history) {
      if (history.size() == MAX_EVENTS) {
        history.remove();
      }
      history.add(event);
      listeners.forEach(l -> l.offer(event));
    }
  }

  List<PathEvent> history() {
    synchronized (history) {
      return new ArrayList<>(history);
    }
  }

  Registration listen(Consumer<? super PathEvent> listener) {
    Listening listening = new Listening(listener);
    listeners.add(listening);
    return () -> listeners.remove(listening);
  }

  /** One listener: hears one event at a time, in order. */
  private final class Listening {

    private final Consumer<? super PathEvent> listener;

    // Guarded by waiting.
    private final ArrayDeque<PathEvent> waiting = new ArrayDeque<>();
    private boolean busy;

    Listening(Consumer<? super PathEvent> listener) {
      this.listener = listener;
    }

    void offer(PathEvent event) {
      boolean begin;
      synchronized (waiting) {
        if (waiting.size() == MAX_WAITING) {
          PathEvent oldest = waiting.remove();
          LOG.log(
              System.Logger.Level.WARNING,
              "a listener of path events is slow: it will not hear of {0}",
              oldest);
        }
        waiting.add(event);
        begin = !busy;
        busy = true;
      }
      if (begin) {
        tasks.execute(this::tell);
      }
    }

    private void tell() {
      while (true) {
        PathEvent next;
        synchronized (waiting) {
          next = waiting.poll();
          busy = next != null;
        }
        if (next == null) {
          return;
        }
        try {
          listener.accept(next);
        } catch (Throwable e) {
          LOG.log(System.Logger.Level.WARNING, "a listener of path events failed", e);
        }
      }
    }
  }
}
