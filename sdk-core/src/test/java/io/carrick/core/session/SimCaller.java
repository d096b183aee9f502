package io.carrick.core.session;

import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.OverloadedException;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import io.carrick.core.queue.Fifo;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.WriteBatch;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import java.util.List;

/** An opener and what it must see. */
final class SimCaller implements ExchangeOwner {

  private final SimWorld world;
  private final SimSide side;
  private final Session session;
  private final long tag;
  private final Kind kind;
  private final Priority priority;
  private final int toSend;
  private final boolean slow;
  private Exchange x;
  End end;
  private int received;
  private int sent;
  private boolean finished;
  private boolean waiting;
  private boolean busy;
  private boolean again;

  SimCaller(SimSide side, long tag) {
    this.side = side;
    this.session = side.session;
    this.world = side.world;
    this.tag = tag;
    this.kind = Kind.values()[world.random.nextInt(6)];
    this.priority = Priority.values()[world.random.nextInt(3)];
    this.toSend = world.random.nextInt(60);
    this.slow = world.oneIn(4);
  }

  /** Makes the call; false where there is no room, or no session any more. */
  boolean open() {
    long timeout = world.oneIn(8) ? (1 + world.random.nextInt(2_000)) * SimWorld.MILLI : 0;
    boolean empty = kind == Kind.CHANNEL || kind == Kind.SUBSCRIBE;
    byte[] payload = empty ? new byte[0] : SimSizes.payload(tag, 0, world.sizes.size());
    Opening opening =
        new Opening(
            kind,
            "t/" + tag,
            Headers.EMPTY,
            "",
            payload,
            priority,
            timeout,
            1 + world.random.nextInt(300),
            OverflowPolicy.FAIL,
            List.of(),
            SecurityLevel.NONE,
            "");
    try {
      CarrickThreads.asHandler(() -> open(opening));
    } catch (OverloadedException e) {
      world.check(!session.core.out.hasRoomToWait(payload.length), "no room, and there is");
      world.hit("no room");
      return false;
    } catch (SessionLostException e) {
      world.check(!session.isOpen(), "the session is open, and refuses a call");
      return false;
    }
    if (world.oneIn(15)) {
      side.node.at(world.some(500 * SimWorld.MILLI), this::cancel);
    }
    return true;
  }

  private void open(Opening opening) {
    if (world.oneIn(8)) {
      // Held until another one writes, or the timer.
      WriteBatch.begin();
      try {
        x = session.exchanges().open(opening, this);
      } finally {
        WriteBatch.pause();
      }
    } else {
      x = session.exchanges().open(opening, this);
    }
  }

  private void cancel() {
    world.hit("cancel");
    session.exchanges().cancel(x, StatusCode.CANCELLED);
  }

  @Override
  public boolean canGoElsewhere() {
    return kind.oneShot() && world.has(SimFault.PUT_ASIDE);
  }

  @Override
  public boolean canBeRepeated() {
    return kind.oneShot() && tag % 8 == 0;
  }

  /** What was told as not delivered is never delivered, however the session goes on. */
  void checkNeverServed() {
    world.check(
        end == null || end.delivered() != Delivered.NO || !world.served.containsKey(tag),
        this + " was told as not delivered, and was later");
  }

  /** On any thread, and on several at a time: one of them goes on for all. */
  @Override
  public void ready(Exchange exchange) {
    side.node.checkOutside();
    if (side.node.dead) {
      return;
    }
    x = exchange;
    if (slow && exchange.end() == null) {
      if (!waiting) {
        waiting = true;
        side.node.at(
            world.some(20 * SimWorld.MILLI),
            () -> {
              waiting = false;
              consume();
            });
      }
    } else if (world.oneIn(4)) {
      side.node.execute(this::consume);
    } else {
      consume();
    }
    world.mayThrow(SimFault.BAD_CALLBACK, 200);
  }

  private void consume() {
    again = true;
    if (busy) {
      return;
    }
    busy = true;
    while (again) {
      again = false;
      take();
    }
    busy = false;
  }

  private void take() {
    Fifo<InboundMessage> messages = new Fifo<>(Exchanges.POLLED);
    int taken;
    do {
      session.exchanges().poll(x, messages);
      taken = messages.size();
      for (InboundMessage m = messages.poll(); m != null; m = messages.poll()) {
        world.messages++;
        int index = SimSizes.check(m.payload(), tag);
        if (index != received) {
          throw world.failed(this + ": item " + index + " after " + received, null);
        }
        received++;
        if (!kind.oneShot()) {
          session.exchanges().request(x, 1);
        }
      }
    } while (taken > 0);
    supply();
    End now = x.end();
    if (now != null && end == null && session.exchanges().inboundDone(x)) {
      end = now;
      checkEnd();
    }
  }

  private void supply() {
    if (kind != Kind.CHANNEL || finished || x.end() != null) {
      return;
    }
    for (int n = session.exchanges().supply(x); n > 0 && sent < toSend; n--) {
      byte[] payload = SimSizes.payload(tag, sent, world.sizes.size());
      sent++;
      session.exchanges().send(x, "", Headers.EMPTY, "", payload, 0, false);
    }
    if (sent == toSend) {
      finished = true;
      session.exchanges().finish(x);
    }
  }

  /** Only what a handler holds for ever, or what waits for a place behind it, is still open. */
  void checkProgress() {
    SimServer server = world.served.get(tag);
    boolean held =
        x.id == 0 ? side.peer.placesAreHeld(kind.oneShot()) : server != null && server.holds();
    world.check(end != null || held, this + " makes no progress");
  }

  /** What was answered before the other side closed in order has arrived. */
  void checkAnswered() {
    SimServer server = world.served.get(tag);
    world.check(
        end == null
            || end.cause() != End.Cause.SESSION_LOST
            || server == null
            || !server.answered(),
        this + " was answered before the session closed in order");
  }

  private void checkEnd() {
    world.hit(kind + " " + end.cause());
    SimServer server = world.served.get(tag);
    if (end.delivered() == Delivered.NO) {
      world.check(server == null, this + " says not delivered, and it was");
    }
    if (end.delivered() == Delivered.YES) {
      world.check(server != null, this + " says delivered, and it was not");
    }
    if (end.cause() == End.Cause.COMPLETED) {
      world.check(
          received == server.expectedReplies(),
          this + " got " + received + " of " + server.expectedReplies());
    }
  }

  @Override
  public String toString() {
    SimServer server = world.served.get(tag);
    return kind
        + " "
        + tag
        + (side.node.initiator ? " of the client" : " of the server")
        + ", received "
        + received
        + ", granted "
        + x.itemsGranted
        + ", "
        + (server == null ? "not seen" : server)
        + (end == null ? "" : ", " + end);
  }
}
