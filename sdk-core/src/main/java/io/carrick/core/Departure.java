package io.carrick.core;

import io.carrick.core.session.CarrickThreads;
import io.carrick.core.session.Session;
import io.carrick.spi.Listener;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/**
 * How a node goes: told to its peers and in its own time ({@link #drain}), or in order and soon
 * ({@link #close}). What was accepted is handled and delivered as far as the time allows. Safe for
 * use by any thread.
 */
final class Departure {

  /** How often it looks whether all is done: 20 ms. */
  private static final long LOOK_NANOS = 20_000_000L;

  /** How long handlers, callbacks and calls have to end when a node closes (F14): 5 s. */
  private static final long CLOSE_NANOS = 5_000_000_000L;

  private final String service;
  private final Node node;
  private final Collection<CompletableFuture<Listener>> binding;
  private final Collection<Listener> listeners;
  private final Collection<PeerLink> peers;
  private final Collection<Lines> remotes;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** The same for the application: who waits for the other one must not run what depends on it. */
  private final CompletableFuture<Void> told = new CompletableFuture<>();

  private final CompletionStage<Void> closedStage = told.minimalCompletionStage();
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean closing;
  private boolean draining;
  private boolean keepsAlive;

  Departure(
      String service,
      Node node,
      Collection<CompletableFuture<Listener>> binding,
      Collection<Listener> listeners,
      Collection<PeerLink> peers,
      Collection<Lines> remotes) {
    this.service = service;
    this.node = node;
    this.binding = binding;
    this.listeners = listeners;
    this.peers = peers;
    this.remotes = remotes;
  }

  boolean isClosing() {
    synchronized (lock) {
      return closing;
    }
  }

  /** Whether nothing is left of the node. */
  boolean isClosed() {
    return closed.isDone();
  }

  /** Completes then; nobody else can complete it. */
  CompletionStage<Void> closed() {
    return closedStage;
  }

  /** Waits for it; not on a thread of Carrick, since closing waits for those. */
  void awaitClosed() throws InterruptedException {
    if (CarrickThreads.isCarrick()) {
      throw new IllegalStateException(
          "closing waits for the thread of Carrick that would wait for it here: use closed()");
    }
    try {
      closed.get();
    } catch (ExecutionException e) {
      throw new AssertionError("nothing fails it", e);
    }
  }

  /** Only a thread that is no daemon does, whatever the one is that builds the messenger. */
  void keepProcessAlive() {
    synchronized (lock) {
      keepsAlive = true;
    }
    Thread alive = CarrickThreads.own(new Thread(closed::join, "carrick-alive-" + service));
    alive.setDaemon(false);
    alive.start();
  }

  /** A session has begun: it may be late. */
  void began(Session session) {
    boolean late;
    boolean goes;
    synchronized (lock) {
      late = closing;
      goes = draining;
    }
    if (late) {
      session.close(service + " is closing");
    } else if (goes) {
      session.notice(List.of(), false, true);
    }
  }

  /** Completes when the node is closed. */
  CompletableFuture<Void> drain(long nanos) {
    boolean first;
    synchronized (lock) {
      first = !draining && !closing;
      draining = true;
    }
    if (first) {
      node.runtime().drain();
      listeners.forEach(Listener::drain);
      sessions().forEach(session -> session.notice(List.of(), false, true));
      node.router().subscriptions.finish();
      when(() -> peersHaveGone() && isIdle(), System.nanoTime() + nanos, this::startClosing);
    }
    return told.copy();
  }

  private List<Session> sessions() {
    List<Session> all = new ArrayList<>();
    for (PeerLink peer : peers) {
      Session session = peer.session();
      if (session != null) {
        all.add(session);
      }
    }
    remotes.forEach(lines -> all.addAll(lines.sessions()));
    return all;
  }

  /**
   * Peers that dialled end their sessions themselves; one that is away and owes nothing is not
   * waited for. Of sessions that this node dialled, only what the peer calls here counts.
   */
  private boolean peersHaveGone() {
    return peers.stream()
            .map(PeerLink::session)
            .allMatch(s -> s == null || (!s.isAttached() && s.openCalls() == 0))
        && remotes.stream()
            .flatMap(lines -> lines.sessions().stream())
            .allMatch(session -> session.openCallsOfPeer() == 0);
  }

  /** Whether nothing that was accepted is left to be handled. */
  private boolean isIdle() {
    return node.router().isIdle()
        && listeners.stream().allMatch(listener -> listener.openCalls() == 0);
  }

  /** Runs an action when a condition holds, at the latest at this time. */
  private void when(BooleanSupplier condition, long until, Runnable action) {
    if (condition.getAsBoolean() || System.nanoTime() - until >= 0) {
      action.run();
    } else {
      node.delays().after(LOOK_NANOS, () -> when(condition, until, action));
    }
  }

  void close() {
    startClosing();
    Closing.await(closed);
  }

  private void startClosing() {
    boolean first;
    boolean daemon;
    synchronized (lock) {
      first = !closing;
      closing = true;
      daemon = !keepsAlive;
    }
    if (first) {
      node.router().close();
      // A thread of its own: the caller's may be interrupted, or be one of those that must end.
      Thread closer = new Thread(this::closeAll, "carrick-close-" + service);
      CarrickThreads.own(closer);
      // Else the process could end before what depends on the end has run.
      closer.setDaemon(daemon);
      closer.start();
    }
  }

  /** Waits for a listener that nobody waited for any more, since its transport closes next. */
  private static void unbind(CompletableFuture<Listener> bound) {
    Closing.waitFor(bound, Closing.MAX_SECONDS);
    if (!bound.isDone()) {
      bound.thenAcceptAsync(Listener::close, Departure::onThreadOfItsOwn);
    } else if (!bound.isCompletedExceptionally()) {
      bound.join().close();
    }
  }

  private static void onThreadOfItsOwn(Runnable task) {
    Thread thread = CarrickThreads.own(new Thread(task, "carrick-close-late"));
    thread.setDaemon(true);
    thread.start();
  }

  private void closeAll() {
    long until = System.nanoTime() + CLOSE_NANOS;
    try {
      binding.forEach(Departure::unbind);
      List<CompletableFuture<Void>> ends = new ArrayList<>();
      for (Lines lines : remotes) {
        ends.add(lines.close("messenger " + service + " was closed"));
      }
      for (PeerLink peer : peers) {
        Session session = peer.session();
        if (session != null) {
          ends.add(session.close(service + " was closed"));
        }
      }
      CompletableFuture<Void> idle = new CompletableFuture<>();
      when(this::isIdle, until, () -> idle.complete(null));
      ends.add(idle);
      Closing.waitFor(
          CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)), Closing.MAX_SECONDS);
    } finally {
      try {
        node.delays().close();
        node.transports().close();
        node.runtime().close();
        node.tasks().close(until - System.nanoTime());
      } finally {
        closed.complete(null);
        told.complete(null);
      }
    }
  }
}
