package io.carrick.core.session;

import io.carrick.Headers;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import java.util.Map;

/** A handler: quick, slow or never returning. */
final class SimServer implements ExchangeOwner {

  private final SimWorld world;
  private final SimSide side;
  private final Session session;
  private final Exchange x;
  private final long tag;
  private final int toSend;
  private int received;
  private int sent;
  private boolean answering;
  private boolean done;
  private boolean started;
  private boolean busy;
  private boolean again;

  SimServer(SimSide side, Session session, Exchange x) {
    this.side = side;
    this.session = session;
    this.world = side.world;
    this.x = x;
    this.toSend = world.random.nextInt(80);
    this.tag = Long.parseLong(x.incoming().topic().substring(2));
    world.check(world.served.put(tag, this) == null, "call " + tag + " came twice");
    if (x.kind == Kind.SEND || x.kind == Kind.PUBLISH) {
      Long last = side.lastOfLane.put(x.priority, tag);
      world.check(last == null || last < tag, "publish " + tag + " after " + last);
    }
  }

  int expectedReplies() {
    return sent;
  }

  /** Whether the handler has not begun to answer. */
  boolean holds() {
    return side.stuck.contains(this);
  }

  boolean holdsPlace(boolean oneShot) {
    return x.kind.oneShot() == oneShot && x.end() == null;
  }

  /** Whether the last of it got its seq. */
  boolean answered() {
    return x.end() != null && x.end().cause() == End.Cause.COMPLETED;
  }

  /** On any thread, and on several at a time: one of them goes on for all. */
  @Override
  public void ready(Exchange exchange) {
    side.node.checkOutside();
    if (side.node.dead) {
      return;
    }
    if (started && world.oneIn(4)) {
      side.node.execute(this::serve);
    } else {
      serve();
    }
    world.mayThrow(SimFault.BAD_CALLBACK, 200);
  }

  private void serve() {
    again = true;
    if (busy) {
      return;
    }
    busy = true;
    while (again) {
      again = false;
      take();
      if (!started) {
        started = true;
        start();
      } else if (answering) {
        supply();
      }
    }
    busy = false;
  }

  private void take() {
    for (InboundMessage m = session.exchanges().poll(x);
        m != null;
        m = session.exchanges().poll(x)) {
      world.messages++;
      int index = SimSizes.check(m.payload(), tag);
      if (index != received) {
        throw world.failed("channel " + tag + ": item " + index + " after " + received, null);
      }
      received++;
      if (x.kind == Kind.CHANNEL) {
        session.exchanges().request(x, 1);
      }
    }
  }

  private void start() {
    if (x.kind == Kind.CHANNEL) {
      session.exchanges().request(x, 1 + world.random.nextInt(300));
    }
    if (x.kind == Kind.SUBSCRIBE) {
      session.exchanges().accept(x);
    }
    int mood = world.random.nextInt(20);
    if (mood == 0 && !world.released) {
      world.hit("never returning");
      side.stuck.add(this);
    } else if (mood < 6) {
      side.node.at(world.some(300 * SimWorld.MILLI), this::answer);
    } else {
      side.node.execute(this::answer);
    }
  }

  void answer() {
    if (x.end() != null || side.node.dead) {
      return;
    }
    answering = true;
    if (world.oneIn(15)) {
      done = true;
      session.exchanges().fail(x, StatusCode.ABORTED, "no", Map.of(), false);
    } else if (x.kind == Kind.REQUEST) {
      done = true;
      sent = 1;
      byte[] reply = SimSizes.payload(tag, 0, world.sizes.size());
      session.exchanges().send(x, "", Headers.EMPTY, "", reply, 0, true);
    } else if (x.kind.oneShot()) {
      done = true;
      session.exchanges().finish(x);
    } else {
      serve();
    }
  }

  private void supply() {
    if (done || x.end() != null) {
      return;
    }
    for (int n = session.exchanges().supply(x); n > 0 && sent < toSend; n--) {
      byte[] item = SimSizes.payload(tag, sent, world.sizes.size());
      sent++;
      session.exchanges().send(x, "", Headers.EMPTY, "", item, 0, false);
    }
    if (sent >= toSend) {
      done = true;
      session.exchanges().finish(x);
    }
  }

  @Override
  public String toString() {
    return "server sent "
        + sent
        + " of "
        + toSend
        + ", allowed "
        + x.itemsAllowed
        + (answering ? "" : ", not answering")
        + (done ? ", done" : "")
        + (x.end() == null ? "" : ", " + x.end());
  }
}
