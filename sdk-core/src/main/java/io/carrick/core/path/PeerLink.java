package io.carrick.core.path;

import io.carrick.Delivered;
import io.carrick.PathEvent;
import io.carrick.Principal;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.core.run.Contained;
import io.carrick.core.run.GuardedFuture;
import io.carrick.core.serve.PeerCalls;
import io.carrick.core.session.Session;
import io.carrick.core.session.SessionEvents;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.spi.PeerInfo;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What this node keeps of one session: tells what happens to it. */
public final class PeerLink implements SessionEvents {

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  final PathEvents events;
  private final MessengerContext node;
  private final PeerCalls calls;
  private final BiConsumer<PeerLink, End> whenEnded;
  private final List<CompletableFuture<Void>> moves = new CopyOnWriteArrayList<>();
  private volatile boolean leaving;
  private volatile PathWatcher watcher;
  private volatile @Nullable Session session;
  private volatile @Nullable Remote remote;

  public PeerLink(
      MessengerContext node,
      PathEvents events,
      PathWatcher watcher,
      BiConsumer<PeerLink, End> whenEnded) {
    this.node = node;
    this.calls = new PeerCalls(node.router(), this::remote);
    this.events = events;
    this.watcher = watcher;
    this.whenEnded = whenEnded;
  }

  /** The session has begun. */
  public void started(Session value) {
    session = value;
    watcher.began(value);
    PeerIdentity peer = value.peer();
    debug("session with " + peer.service() + " began on " + peer.path().address());
  }

  /** Tells what happens to the path from now on. */
  void watch(PathWatcher value) {
    watcher = value;
  }

  /** Completes when another connection carries the session. */
  CompletableFuture<Void> nextMove() {
    CompletableFuture<Void> move = new GuardedFuture<>(node.tasks());
    moves.removeIf(CompletableFuture::isDone);
    moves.add(move);
    return move;
  }

  @Override
  public void suspended(Session from, String reason) {
    watcher.suspended(from, reason);
  }

  @Override
  public void suspect(Session from, String reason) {
    watcher.suspect(from, reason);
  }

  @Override
  public void resumed(Session from, PeerInfo path) {
    watcher.resumed(from, path);
    moves.removeIf(
        move -> {
          node.tasks().execute(() -> move.complete(null));
          return true;
        });
  }

  @Override
  public void unidentified(Session from, Principal before, PeerInfo path) {
    events.add(
        PathEvent.What.UNIDENTIFIED,
        "",
        path.address(),
        "it does not show the peer as " + before + ": its principal is none from now on");
  }

  @Override
  public void advertised(Session from, List<String> endpoints) {
    watcher.advertised(from, endpoints);
  }

  @Override
  public void moveAsked(Session from) {
    watcher.moveAsked(from);
  }

  @Override
  public void draining(Session from) {
    leaving = true;
    watcher.draining(from);
  }

  /** Whether the peer has told that it goes away. */
  boolean isLeaving() {
    return leaving;
  }

  public @Nullable Session session() {
    return session;
  }

  /** Whether a connection carries the session. */
  public boolean isConnected() {
    Session present = session;
    return present != null && present.isAttached();
  }

  /** The peer, to call it back. */
  public Remote remote() {
    Remote known = remote;
    if (known == null) {
      Session s = session;
      if (s == null) {
        throw new SessionLostException(Delivered.NO, "the session has not begun", null);
      }
      known = node.remotes().of(node, s, this);
      remote = known;
    }
    return known;
  }

  @Override
  public void opened(Session from, Exchange exchange) {
    session = from;
    calls.opened(from, exchange);
  }

  @Override
  public void ended(Session from, End reason) {
    watcher.ended(from, reason);
    whenEnded.accept(this, reason);
    debug("session with " + from.peer().service() + " ended: " + reason.message());
  }

  private static void debug(String what) {
    Contained.say(LOG, System.Logger.Level.DEBUG, what, null);
  }
}
