package io.carrick.core;

import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.EndpointException;
import io.carrick.Explanation;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.session.RoundTrip;
import io.carrick.core.session.Session;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The way back over a session that is there already: it never dials. */
final class PeerLine implements Line {

  private final Session session;
  private final PeerLink link;

  PeerLine(Session session, PeerLink link) {
    this.session = session;
    this.link = link;
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
    session.notice(List.of(), true, false);
    return move.orTimeout(Delays.nanos(atMost), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    new DeadlineExceededException(
                        Delivered.MAYBE,
                        session.peer().service() + " did not move within " + atMost)));
  }

  @Override
  public void raiseFloor(SecurityLevel level) {
    session.raiseFloor(level);
    if (session.path().security().compareTo(level) < 0) {
      session.notice(List.of(), true, false);
    }
  }

  @Override
  public PathEvents pathEvents() {
    return link.events;
  }

  @Override
  public @Nullable Session current() {
    return session.isOpen() && !link.isLeaving() ? session : null;
  }

  @Override
  public void await(Waiter waiter) {
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
  public Explanation explain(Requirements needs) {
    RoundTrip rtt = session.roundTrip();
    long micros = rtt.nanos() < 0 ? -1 : rtt.nanos() / 1_000;
    String address = session.path().address();
    return new Explanation(
        session.peer().service(),
        needs,
        session.isOpen() ? Optional.of(address) : Optional.empty(),
        List.of(
            new Explanation.Candidate(
                address,
                session.isOpen(),
                List.of("the peer dialled: this is the only way to it"),
                micros,
                rtt.measurements(),
                Math.max(0, micros),
                0,
                false)),
        link.events.history());
  }
}
