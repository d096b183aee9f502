package io.carrick.core;

import io.carrick.core.path.MessengerContext;
import io.carrick.core.path.PeerLink;
import io.carrick.core.path.SessionPool;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Closing;
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
 * How a node goes: told to its peers and in its own time ({@link #stopServing}, and then {@link
 * #close} where it shall {@link #drain}), or in order and soon. What was accepted is handled and
 * delivered as far as the time allows. Safe for use by any thread.
 */
final class Shutdown {

  /** How often it looks whether all is done: 20 ms. */
  private static final long LOOK_NANOS = 20_000_000L;

  /** How long handlers, callbacks and calls have to end when a node closes (F14): 5 s. */
  private static final long CLOSE_NANOS = 5_000_000_000L;

  private final String service;
  private final MessengerContext node;
  private final Collection<CompletableFuture<Listener>> binding;
  private final Collection<Listener> listeners;
  private final Collection<PeerLink> peers;
  private final Collection<SessionPool> remotes;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** The same for the application: who waits for the other one must not run what depends on it. */
  private final CompletableFuture<Void> told = new CompletableFuture<>();

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final CompletableFuture<Void> toldStopped = new CompletableFuture<>();
  private volatile boolean unbound;
  private final CompletionStage<Void> closedStage = told.minimalCompletionStage();
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean closing;
  private boolean draining;
  private boolean closesThen;
  private boolean keepsAlive;

  Shutdown(
      String service,
      MessengerContext node,
      Collection<CompletableFuture<Listener>> binding,
      Collection<Listener> listeners,
      Collection<PeerLink> peers,
      Collection<SessionPool> remotes) {
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

  /** Whether it goes on without its listeners. */
  boolean hasStoppedServing() {
    return unbound;
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
    boolean late;
    synchronized (lock) {
      closesThen = true;
      late = stopped.isDone();
    }
    if (late) {
      startClosing();
    } else {
      stopServing(nanos);
    }
    return told.copy();
  }

  /** Completes when nothing is served any more. */
  CompletableFuture<Void> stopServing(long nanos) {
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
      when(() -> peersHaveGone() && isIdle(), System.nanoTime() + nanos, this::othersEnded);
    }
    return toldStopped.copy();
  }

  /** The others have gone, or their time is over. */
  private void othersEnded() {
    boolean closes;
    synchronized (lock) {
      closes = closesThen || closing;
    }
    if (closes) {
      startClosing();
    } else {
      onThreadOfItsOwn(this::endServing, "carrick-stop-" + service);
    }
  }

  /** Blocks until the listeners and the sessions of those that dialled are gone. */
  private void endServing() {
    try {
      binding.forEach(Shutdown::unbind);
      unbound = true;
      awaitAll(closeAccepted(service + " serves nobody any more"));
    } finally {
      boolean closes;
      synchronized (lock) {
        stopped.complete(null);
        closes = closesThen;
      }
      if (closes) {
        startClosing();
      }
      toldStopped.complete(null);
    }
  }

  private List<CompletableFuture<Void>> closeAccepted(String why) {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (PeerLink peer : peers) {
      Session session = peer.session();
      if (session != null) {
        ends.add(session.close(why));
      }
    }
    return ends;
  }

  /** Waits for ends, and until what was accepted is handled: 5 s at most for that. */
  private void awaitAll(List<CompletableFuture<Void>> ends) {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    when(this::isIdle, System.nanoTime() + CLOSE_NANOS, () -> idle.complete(null));
    ends.add(idle);
    Closing.waitFor(
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)), Closing.MAX_SECONDS);
  }

  private List<Session> sessions() {
    List<Session> all = new ArrayList<>();
    for (PeerLink peer : peers) {
      Session session = peer.session();
      if (session != null) {
        all.add(session);
      }
    }
    remotes.forEach(pool -> all.addAll(pool.sessions()));
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
            .flatMap(pool -> pool.sessions().stream())
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
      bound.thenAcceptAsync(Listener::close, task -> onThreadOfItsOwn(task, "carrick-close-late"));
    } else if (!bound.isCompletedExceptionally()) {
      bound.join().close();
    }
  }

  private static void onThreadOfItsOwn(Runnable task, String name) {
    Thread thread = CarrickThreads.own(new Thread(task, name));
    thread.setDaemon(true);
    thread.start();
  }

  private void closeAll() {
    long until = System.nanoTime() + CLOSE_NANOS;
    try {
      binding.forEach(Shutdown::unbind);
      List<CompletableFuture<Void>> ends = closeAccepted(service + " was closed");
      for (SessionPool pool : remotes) {
        ends.add(pool.close("messenger " + service + " was closed"));
      }
      awaitAll(ends);
    } finally {
      try {
        node.delays().close();
        node.transports().close();
        node.runtime().close();
        node.tasks().close(until - System.nanoTime());
      } finally {
        closed.complete(null);
        stopped.complete(null);
        told.complete(null);
        toldStopped.complete(null);
      }
    }
  }
}
