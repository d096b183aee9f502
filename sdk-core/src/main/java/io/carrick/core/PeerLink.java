package io.carrick.core;

import io.carrick.Delivered;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.End;
import io.carrick.core.session.Exchange;
import io.carrick.core.session.Session;
import io.carrick.core.session.SessionEvents;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What this node keeps of one session: leads what the peer opens to the router. */
final class PeerLink implements SessionEvents {

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  final Origin origin = new Origin();
  private final Router router;
  private final Function<Session, Remote> remotes;
  private final BiConsumer<PeerLink, End> whenEnded;
  private volatile @Nullable Session session;
  private volatile @Nullable Remote remote;

  PeerLink(Router router, Function<Session, Remote> remotes, BiConsumer<PeerLink, End> whenEnded) {
    this.router = router;
    this.remotes = remotes;
    this.whenEnded = whenEnded;
  }

  /** The session has begun. */
  void started(Session value) {
    session = value;
    LOG.log(
        System.Logger.Level.DEBUG,
        () ->
            "session with "
                + value.peer().service()
                + " began on "
                + value.peer().path().address());
  }

  @Nullable Session session() {
    return session;
  }

  /** The peer, to call it back. */
  Remote remote() {
    Remote known = remote;
    if (known == null) {
      Session s = session;
      if (s == null) {
        throw new SessionLostException(Delivered.NO, "the session has not begun", null);
      }
      known = remotes.apply(s);
      remote = known;
    }
    return known;
  }

  @Override
  public void opened(Session from, Exchange exchange) {
    session = from;
    try {
      if (exchange.incoming().kind() == Kind.SUBSCRIBE) {
        subscribe(from, exchange);
      } else {
        SessionCall call = new SessionCall(router, this, from, exchange);
        from.adopt(exchange, call);
        router.dispatch(call);
      }
    } catch (RuntimeException | StackOverflowError e) {
      LOG.log(System.Logger.Level.ERROR, "a call could not be served", e);
      from.fail(
          exchange,
          StatusCode.INTERNAL,
          "the call could not be served: see the service's log",
          java.util.Map.of(),
          false);
    }
  }

  private void subscribe(Session from, Exchange exchange) {
    if (!router.interceptors.isEmpty()) {
      SessionCall call = new SessionCall(router, this, from, exchange);
      from.adopt(exchange, call);
      call.subscribe();
      return;
    }
    SessionSubscription subscription = new SessionSubscription(router, from, exchange);
    from.adopt(exchange, subscription);
    Failure refused =
        router.refuseSubscription(from.peer().principal(), exchange.incoming().topic());
    if (refused != null) {
      from.fail(exchange, refused.code(), refused.message(), refused.details(), true);
      return;
    }
    // Accepted first: messages follow it.
    from.accept(exchange);
    subscription.begin();
    // It may have ended before it had an owner.
    subscription.ready(exchange);
  }

  @Override
  public void ended(Session from, End reason) {
    LOG.log(
        System.Logger.Level.DEBUG,
        () -> "session with " + from.peer().service() + " ended: " + reason.message());
    whenEnded.accept(this, reason);
  }
}
