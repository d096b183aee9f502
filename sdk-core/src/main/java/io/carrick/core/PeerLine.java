package io.carrick.core;

import io.carrick.Delivered;
import io.carrick.Explanation;
import io.carrick.Requirements;
import io.carrick.SessionLostException;
import io.carrick.core.session.Session;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The way back over a session that is there already: it never dials. */
final class PeerLine implements Line {

  private final Session session;

  PeerLine(Session session) {
    this.session = session;
  }

  @Override
  public @Nullable Session current() {
    return session.isOpen() ? session : null;
  }

  @Override
  public void await(Waiter waiter) {
    waiter.failed(
        new SessionLostException(
            Delivered.NO,
            "the session with "
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
    long rtt = session.rttNanos();
    String address = session.peer().path().address();
    return new Explanation(
        session.peer().service(),
        needs,
        session.isOpen() ? Optional.of(address) : Optional.empty(),
        List.of(
            new Explanation.Candidate(
                address,
                session.isOpen(),
                List.of("the peer dialled: this is the only way to it"),
                rtt < 0 ? -1 : rtt / 1_000,
                0)),
        List.of());
  }
}
