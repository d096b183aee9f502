package io.carrick.core.path;

import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Explanation;
import io.carrick.NoPathException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.run.Delays;
import io.carrick.core.select.Selector;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.RoundTrip;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The way back over a session that is there already: it never dials. */
final class PeerSource implements SessionSource {

  /** How often a peer is asked to move while its path gives less than the floor: 5 s. */
  private static final long ASK_NANOS = 5_000_000_000L;

  private final MessengerContext node;
  private final Session session;
  private final PeerLink link;
  private final Requirements needs;

  /** The way back for calls with these hard needs. */
  PeerSource(MessengerContext node, Session session, PeerLink link, Requirements needs) {
    this.node = node;
    this.session = session;
    this.link = link;
    this.needs = needs;
  }

  /** Why its path does not meet the needs; empty where it does. */
  private Optional<NoPathException.Rejection> unmet(Requirements asked) {
    if (asked.equals(Requirements.NONE)) {
      return Optional.empty();
    }
    PeerInfo path = session.path();
    Capabilities shown =
        Capabilities.of(path.security())
            .withAuthenticatesPeer(true)
            .withSameHostOnly(path.sameHost())
            .withBrokered(path.brokered())
            .withCost(0);
    return Selector.rejection(asked, path.address(), shown);
  }

  /** Only the side that dialled can move: it is asked. */
  @Override
  public CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost) {
    if (to != null) {
      return CompletableFuture.failedFuture(
          new EndpointException(
              StatusCode.INVALID_ARGUMENT,
              session.peer().service() + " dialled, and chooses its paths: use move()",
              null));
    }
    CompletableFuture<Void> move = link.nextMove();
    Runnable late =
        () ->
            move.completeExceptionally(
                new DeadlineExceededException(
                    Delivered.MAYBE, session.peer().service() + " did not move within " + atMost));
    Delays.Delay timer =
        node.delays().after(Delays.nanos(atMost), () -> node.tasks().execute(late));
    move.whenComplete((done, failure) -> timer.cancel());
    session.notice(List.of(), true, false);
    return move;
  }

  @Override
  public void raiseFloor(SecurityLevel level) {
    boolean rises = level.compareTo(session.floor()) > 0;
    session.raiseFloor(level);
    if (rises) {
      askUntilLifted();
    }
  }

  /** The peer chooses the path, and may have no better one yet. */
  private void askUntilLifted() {
    if (!session.isOver() && session.isBelowFloor()) {
      session.notice(List.of(), true, false);
      node.delays().after(ASK_NANOS, this::askUntilLifted);
    }
  }

  @Override
  public PathEvents pathEvents() {
    return link.events;
  }

  @Override
  public @Nullable Session current() {
    return session.isOpen() && !link.isLeaving() && unmet(needs).isEmpty() ? session : null;
  }

  @Override
  public void await(Waiter waiter) {
    Optional<NoPathException.Rejection> rejection = unmet(needs);
    if (session.isOpen() && rejection.isPresent()) {
      NoPathException.Rejection why = rejection.get();
      waiter.failed(
          new NoPathException(
              "the path to "
                  + session.peer().service()
                  + " does not meet "
                  + needs
                  + ": "
                  + why.reason()
                  + " (the peer dialled, and chooses the path; "
                  + why.remedy()
                  + ")",
              List.of(why)));
      return;
    }
    waiter.failed(
        new SessionLostException(
            Delivered.NO,
            link.isLeaving()
                ? session.peer().service() + " goes away: call another of peers()"
                : "the session with "
                    + session.peer().service()
                    + " is over, and only the peer can open another",
            null));
  }

  @Override
  public void forget(Waiter waiter) {}

  @Override
  public boolean isClosed() {
    return !session.isOpen();
  }

  @Override
  public CompletableFuture<Void> close(String reason) {
    return session.close(reason);
  }

  @Override
  public Optional<String> service() {
    return Optional.of(session.peer().service());
  }

  @Override
  public List<String> endpoints() {
    return List.of();
  }

  @Override
  public Explanation explain(Requirements asked) {
    Optional<NoPathException.Rejection> rejection = unmet(asked);
    RoundTrip rtt = session.roundTrip();
    long micros = rtt.nanos() < 0 ? -1 : rtt.nanos() / 1_000;
    String address = session.path().address();
    return new Explanation(
        session.peer().service(),
        asked,
        session.isAttached() ? Optional.of(address) : Optional.empty(),
        List.of(
            new Explanation.Candidate(
                address,
                session.isOpen() && rejection.isEmpty(),
                rejection
                    .map(r -> List.of(r.reason(), r.remedy()))
                    .orElse(List.of("the peer dialled: this is the only way to it")),
                micros,
                rtt.measurements(),
                Math.max(0, micros),
                0,
                false)),
        link.events.history());
  }
}
