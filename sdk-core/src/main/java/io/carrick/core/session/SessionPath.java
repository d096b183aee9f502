package io.carrick.core.session;

import io.carrick.NoPathException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.PeerIdentity;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.Rule;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.ViolationException;
import io.carrick.spi.Capabilities;
import io.carrick.spi.PeerInfo;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connection that counts for a session, who the peer is by it, and what each other one must
 * give that is to carry the session (F12, R15).
 */
final class SessionPath {

  private final Session session;
  private final SessionCore core;
  private final boolean initiator;
  private final boolean confidential;
  private final boolean identityRequired;

  // Serial section only.
  private @Nullable Link link;
  private PeerInfo path;
  private SecurityLevel floor;

  /** Written in the serial section: its principal may fall to none. */
  private volatile PeerIdentity peer;

  SessionPath(Session session, SessionCore core, Agreement agreed, @Nullable Link link) {
    this.session = session;
    this.core = core;
    this.initiator = agreed.initiator();
    this.confidential = agreed.token() && !session.config.tokens().inClear();
    this.identityRequired = agreed.identityRequired();
    this.link = link;
    this.path = agreed.peer().path();
    this.floor = agreed.floor();
    this.peer = agreed.peer();
  }

  /** Who is at the other end. */
  PeerIdentity peer() {
    return peer;
  }

  /** The connection that carries the session, or the last one that did. */
  PeerInfo info() {
    session.section.lock.lock();
    try {
      return path;
    } finally {
      session.section.lock.unlock();
    }
  }

  /** Whether a connection carries the session now. */
  boolean isAttached() {
    session.section.lock.lock();
    try {
      return isCarried();
    } finally {
      session.section.lock.unlock();
    }
  }

  /** In the serial section: whether a connection carries the session. */
  boolean isCarried() {
    return link != null && core.attached();
  }

  /** In the serial section: fails where the path gives less security than a call needs. */
  void check(SecurityLevel needed) {
    if (link != null && PathRules.security(path).compareTo(needed) < 0) {
      throw movedBelow(needed);
    }
  }

  /** The path met the need when the call was made, and the session has moved since. */
  private NoPathException movedBelow(SecurityLevel needed) {
    NoPathException.Rejection why =
        new NoPathException.Rejection(
            path.address(),
            "the session moved there, and it gives security " + PathRules.security(path),
            "make the call again: it finds a path that gives " + needed + ", or is told why not");
    return new NoPathException(
        why.endpoint() + ": " + why.reason() + "; " + why.remedy(), List.of(why));
  }

  /** The security that every connection of this session must give (R15). */
  SecurityLevel floor() {
    session.section.lock.lock();
    try {
      return floor;
    } finally {
      session.section.lock.unlock();
    }
  }

  /**
   * The security that another connection must give now: the floor, or more where a call needs it.
   */
  SecurityLevel required() {
    session.section.lock.lock();
    try {
      SecurityLevel needed = core.needed();
      return needed.compareTo(floor) > 0 ? needed : floor;
    } finally {
      session.section.lock.unlock();
    }
  }

  /** Whether the connection that carries the session gives less than the floor. */
  boolean isBelowFloor() {
    session.section.lock.lock();
    try {
      return link != null && PathRules.belowFloor(floor, path) != null;
    } finally {
      session.section.lock.unlock();
    }
  }

  /** Raises the floor; a lower one than now is ignored. The present connection stays. */
  void raiseFloor(SecurityLevel level) {
    session.section.turn(
        () -> {
          if (level.compareTo(floor) > 0) {
            floor = level;
          }
        });
  }

  /**
   * Whether a path can carry the session, and as whom. Asks a rule of the application, so that
   * nobody may be in the serial section.
   */
  PathRules.Verdict judge(PeerInfo to) {
    if (confidential && !PathRules.confidential(to)) {
      return PathRules.Verdict.refused(Tokens.inClear(to));
    }
    PathRules.Verdict verdict =
        PathRules.judge(peer.path().principal(), floor(), to, session.config.resumption());
    String hidden = identityRequired ? PathRules.hidesInitiator(peer.service(), to) : null;
    return verdict.refusal() == null && hidden != null
        ? new PathRules.Verdict(hidden, false, true)
        : verdict;
  }

  /** Why the acceptor refused this path, if it may be that it shows it this side as another. */
  @Nullable String showsAnother(PeerInfo to) {
    return identityRequired ? PathRules.showsAnother(peer.service(), peer.path(), to) : null;
  }

  /** In the serial section: why a path gives less than the floor or an open call needs by now. */
  @Nullable String refusesNow(PeerInfo to, boolean asNobody) {
    String below = PathRules.belowFloor(floor, to);
    if (below == null) {
      below = PathRules.belowNeed(core.needed(), to);
    }
    boolean relied = floor != SecurityLevel.NONE || core.needed() != SecurityLevel.NONE;
    return below == null && asNobody && relied
        ? to.address()
            + " does not show who the peer is, on which this node relies by now, by its floor or"
            + " the need of a call"
        : below;
  }

  /**
   * Why an endpoint that was not connected cannot carry the session; empty where it may. What it
   * will show of the peer is not known where it authenticates the peer.
   */
  Optional<String> cannotTake(String endpoint, Capabilities path) {
    Principal shown = path.authenticatesPeer() ? peer.path().principal() : Principal.NONE;
    PeerInfo to =
        PeerInfo.of(endpoint)
            .withPrincipal(shown)
            .withSecurity(path.security())
            .withSameHost(path.sameHostOnly())
            .withBrokered(path.brokered());
    return Optional.ofNullable(judge(to).refusal());
  }

  /** What came of {@link #attach}. */
  record Attached(Link link, @Nullable Link replaced, @Nullable String violation) {}

  /** In the serial section: makes a connection the one that counts. */
  Attached attach(Link fresh, long peerCum, boolean asNobody) {
    PeerInfo to = fresh.connection.peer();
    PeerIdentity before = peer;
    PeerIdentity after = asNobody ? before.asNobody(to) : before;
    Runnable note =
        () -> {
          if (asNobody) {
            session.runtime.fell(session, before, to);
          }
          session.events.resumed(session, to);
        };
    try {
      core.attach(peerCum, session.runtime.now());
    } catch (ViolationException e) {
      return new Attached(fresh, null, String.valueOf(e.getMessage()));
    }
    Link old = link;
    link = fresh;
    path = to;
    if (core.has(Rule.FALLING_RIGHTS)) {
      peer = after;
    }
    session.section.notes().add(note);
    if (!initiator) {
      // Closed once the initiator shows that RESUMED arrived: until then it relies on this one.
      Link older = old == null ? null : old.takeBefore();
      fresh.follow(old);
      old = older;
    }
    return new Attached(fresh, old, null);
  }

  @Nullable Link link() {
    return link;
  }

  /** In the serial section: the connection of a session that has ended is given up. */
  @Nullable Link takeLink() {
    Link last = link;
    link = null;
    return last;
  }

  /** In the serial section: the connection that the session has given up in this turn. */
  @Nullable Link takeBroken() {
    if (link == null || core.attached() || core.ended() != null) {
      return null;
    }
    String why = core.brokenBy();
    session.section.notes().add(() -> session.events.suspended(session, why));
    return takeLink();
  }

  /** In the serial section: whether a batch of frames is being read, whose end writes. */
  boolean isReading() {
    return link != null && link.reading;
  }
}
