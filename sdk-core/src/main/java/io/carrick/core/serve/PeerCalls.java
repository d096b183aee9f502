package io.carrick.core.serve;

import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.run.Contained;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.Exchange;
import java.util.Map;
import java.util.function.Supplier;

/** Leads what the peer of one session opens to the router. */
public final class PeerCalls {

  private static final System.Logger LOG = System.getLogger("io.carrick.sessions");

  final Origin origin = new Origin();
  private final Router router;
  private final Supplier<Remote> remote;

  /** The peer can be called back at the remote. */
  public PeerCalls(Router router, Supplier<Remote> remote) {
    this.router = router;
    this.remote = remote;
  }

  /** The peer, to call it back. */
  Remote remote() {
    return remote.get();
  }

  /** Serves what the peer has opened. */
  public void opened(Session from, Exchange exchange) {
    try {
      if (exchange.incoming().kind() == Kind.SUBSCRIBE) {
        subscribe(from, exchange);
      } else {
        SessionCall call = new SessionCall(router, this, from, exchange);
        from.exchanges().adopt(exchange, call);
        router.dispatch(call);
      }
    } catch (Throwable e) {
      Contained.say(LOG, System.Logger.Level.ERROR, "a call could not be served", e);
      from.exchanges()
          .fail(
              exchange,
              StatusCode.INTERNAL,
              "the call could not be served: see the service's log",
              Map.of(),
              false);
    }
  }

  private void subscribe(Session from, Exchange exchange) {
    if (!router.interceptors.isEmpty()) {
      SessionCall call = new SessionCall(router, this, from, exchange);
      from.exchanges().adopt(exchange, call);
      router.askToSubscribe(origin, call.principal, call.topic, call);
      return;
    }
    SessionSubscription subscription = new SessionSubscription(router, from, exchange);
    from.exchanges().adopt(exchange, subscription);
    router.askToSubscribe(
        origin, from.peer().principal(), exchange.incoming().topic(), subscription);
  }
}
