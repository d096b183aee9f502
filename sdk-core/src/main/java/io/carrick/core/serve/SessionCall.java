package io.carrick.core.serve;

import io.carrick.CodecException;
import io.carrick.Message;
import io.carrick.Priority;
import io.carrick.Remote;
import io.carrick.TypeRef;
import io.carrick.core.flow.FailedPublisher;
import io.carrick.core.flow.ItemReceiver;
import io.carrick.core.flow.ItemSender;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.Body;
import io.carrick.core.message.Encoded;
import io.carrick.core.message.Failure;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.CallHead;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A call that came over a session. */
final class SessionCall extends ServedCall implements ExchangeOwner {

  private final PeerCalls peer;
  private final Session session;
  private final Exchange exchange;
  private final CallHead incoming;
  private final AtomicBoolean valuesTaken = new AtomicBoolean();
  private volatile @Nullable ItemSender sender;
  private volatile @Nullable ItemReceiver<?> receiver;

  SessionCall(Router router, PeerCalls peer, Session session, Exchange exchange) {
    super(
        router,
        exchange.incoming().kind(),
        exchange.incoming().topic(),
        session.peer().principal(),
        peer.origin,
        exchange.incoming().timeoutNanos());
    this.peer = peer;
    this.session = session;
    this.exchange = exchange;
    this.incoming = exchange.incoming();
  }

  @Override
  public void ready(Exchange x) {
    // The inbox is left alone: CREDIT may come before the handler has taken the opening message.
    ItemReceiver<?> in = receiver;
    if (in != null) {
      in.signal();
    }
    ItemSender out = sender;
    if (out != null) {
      out.signal();
    }
    End end = x.end();
    if (end != null && (end.cause() != End.Cause.COMPLETED || x.isGivenUp())) {
      cancelled();
    }
  }

  @Override
  public void relieve() {
    setMessage(null);
  }

  @Override
  @Nullable Message take() {
    if (kind == Kind.CHANNEL) {
      return exchange.end() == null
          ? Message.empty().withTopic(topic).withHeaders(incoming.headers())
          : null;
    }
    InboundMessage m = session.exchanges().poll(exchange);
    if (m == null) {
      cancelled();
      return null;
    }
    try {
      return m.message(topic);
    } catch (CodecException e) {
      failed(e);
      return null;
    }
  }

  @Override
  void reply(@Nullable Encoded reply) {
    if (reply == null) {
      session.exchanges().finish(exchange);
    } else {
      session
          .exchanges()
          .send(exchange, "", reply.headers(), reply.contentType(), reply.payload(), 0, true);
    }
  }

  @Override
  void fail(Failure f) {
    session.exchanges().fail(exchange, f.code(), f.message(), f.details(), f.notDelivered());
  }

  @Override
  public void lost(Throwable thrown) {
    session.exchanges().giveUp(exchange, thrown);
  }

  @Override
  <Q> Flow.Publisher<Q> values(TypeRef<Q> type) {
    return subscriber -> {
      java.util.Objects.requireNonNull(subscriber, "subscriber");
      if (!valuesTaken.compareAndSet(false, true)) {
        FailedPublisher.fail(
            subscriber,
            new IllegalStateException("the values of a channel have one subscriber: " + topic));
        return;
      }
      ItemReceiver<Q> in =
          new ItemReceiver<>(
              router.tasks,
              (m, missed) -> new Body<>(router.codecs.decode(m, type)).value(),
              "channel " + topic,
              false,
              this::failed,
              null,
              subscriber);
      subscriber.onSubscribe(in);
      receiver = in;
      in.attach(session, exchange);
    };
  }

  @Override
  void stream(Flow.Publisher<?> items) {
    ItemSender out =
        new ItemSender(
            router.tasks, session, exchange, this::encode, nothing -> 0, new ItemEnding());
    sender = out;
    out.subscribeTo(items);
  }

  @Override
  public void allowed() {
    if (kind == Kind.SUBSCRIBE) {
      subscribe();
    } else {
      super.allowed();
    }
  }

  /** Answers a subscription with interceptors around it. */
  private void subscribe() {
    AtomicLong missed = new AtomicLong();
    Message opening = Message.empty().withTopic(topic).withHeaders(incoming.headers());
    setMessage(opening);
    Flow.Publisher<Message> messages;
    try {
      messages = router.subscription(this, opening, incoming.overflow(), missed::addAndGet);
    } catch (Throwable e) {
      failed(e);
      return;
    }
    ItemSender out =
        new ItemSender(
            router.tasks, session, exchange, this::encode, missed::getAndSet, new ItemEnding());
    sender = out;
    // Begun first: what is published once the peer is told must find it.
    out.subscribeHeldTo(messages);
    session.exchanges().accept(exchange);
    out.release();
  }

  private final class ItemEnding implements ItemSender.Ending {

    @Override
    public void completed() {
      session.exchanges().finish(exchange);
    }

    @Override
    public void failed(Throwable failure) {
      SessionCall.this.failed(failure);
    }

    @Override
    public void broken(String rule) {
      fail(Failure.broken(topic, "broke a rule: " + rule));
    }
  }

  @Override
  List<String> accept() {
    return incoming.accept();
  }

  @Override
  List<String> offered() {
    return session.peer().contentTypes();
  }

  @Override
  public Optional<String> service() {
    return Optional.of(session.peer().service());
  }

  @Override
  public Optional<String> instance() {
    return Optional.of(session.peer().instance());
  }

  @Override
  public Priority priority() {
    return incoming.priority();
  }

  @Override
  public Remote peer() {
    return peer.remote();
  }
}
