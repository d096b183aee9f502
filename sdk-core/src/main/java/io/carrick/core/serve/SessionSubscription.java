package io.carrick.core.serve;

import io.carrick.core.flow.TooLarge;
import io.carrick.core.message.Failure;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;

/** A subscription that came over a session. */
final class SessionSubscription extends PeerSubscription
    implements ExchangeOwner, Authorizing.Wish {

  private final Session session;
  private final Exchange exchange;
  private final TooLarge tooLarge;

  /** Whether the peer is told that it has the subscription: messages follow that. */
  private volatile boolean accepted;

  SessionSubscription(Router router, Session session, Exchange exchange) {
    super(
        router,
        exchange.incoming().topic(),
        exchange.incoming().overflow(),
        session.peer().principal());
    this.session = session;
    this.exchange = exchange;
    this.tooLarge = new TooLarge(session, exchange.incoming().topic());
  }

  @Override
  public void ready(Exchange x) {
    // There is nothing to take: this only asks to be told again.
    session.exchanges().poll(x);
    if (x.end() != null) {
      end();
    } else {
      drain();
    }
  }

  @Override
  public boolean isOver() {
    return exchange.end() != null;
  }

  @Override
  public void allowed() {
    // Begun first: what is published once the peer is told must find it.
    begin();
    session.exchanges().accept(exchange);
    accepted = true;
    // It may have ended before it had an owner, or meanwhile.
    ready(exchange);
  }

  @Override
  public void refused(Failure why) {
    fail(why);
  }

  @Override
  public void lost(Throwable thrown) {
    end();
    session.exchanges().giveUp(exchange, thrown);
  }

  @Override
  long supply() {
    return accepted ? session.exchanges().supply(exchange) : 0;
  }

  @Override
  boolean emit(Publication p, long missed) {
    if (tooLarge.is(p.payload())) {
      return false;
    }
    session
        .exchanges()
        .send(exchange, p.topic(), p.headers(), p.contentType(), p.payload(), missed, false);
    return true;
  }

  @Override
  void fail(Failure f) {
    session.exchanges().fail(exchange, f.code(), f.message(), f.details(), f.notDelivered());
  }
}
