package io.carrick.core;

import io.carrick.core.session.Exchange;
import io.carrick.core.session.ExchangeOwner;
import io.carrick.core.session.Session;

/** A subscription that came over a session. */
final class SessionSubscription extends PeerSubscription implements ExchangeOwner {

  private final Session session;
  private final Exchange exchange;

  SessionSubscription(Router router, Session session, Exchange exchange) {
    super(
        router,
        exchange.incoming().topic(),
        exchange.incoming().overflow(),
        session.peer().principal());
    this.session = session;
    this.exchange = exchange;
  }

  @Override
  public void ready(Exchange x) {
    // There is nothing to take: this only asks to be told again.
    session.poll(x);
    if (x.end() != null) {
      end();
    } else {
      drain();
    }
  }

  @Override
  long supply() {
    return session.supply(exchange);
  }

  @Override
  void emit(Publication p, long missed) {
    session.send(exchange, p.topic(), p.headers(), p.contentType(), p.payload(), missed, false);
  }

  @Override
  void fail(Failure f) {
    session.fail(exchange, f.code(), f.message(), f.details(), f.notDelivered());
  }
}
