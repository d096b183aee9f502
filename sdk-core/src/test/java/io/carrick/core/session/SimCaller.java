package io.carrick.core.session;

import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.StatusCode;
import io.carrick.core.frame.Kind;
import java.util.List;

/** An opener and what it must see. */
final class SimCaller implements ExchangeOwner {

  private static final byte[] NO_HEAD = {};

  private final SimWorld world;
  private final SimPeer node;
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
  private boolean consuming;

  SimCaller(SimPeer node, long tag) {
    this.node = node;
    this.world = node.world;
    this.tag = tag;
    this.kind = Kind.values()[world.random.nextInt(6)];
    this.priority = Priority.values()[world.random.nextInt(3)];
    this.toSend = world.random.nextInt(60);
    this.slow = world.oneIn(4);
  }

  void open() {
    long timeout = world.oneIn(8) ? (1 + world.random.nextInt(2_000)) * SimWorld.MILLI : 0;
    boolean empty = kind == Kind.CHANNEL || kind == Kind.SUBSCRIBE;
    x =
        node.core.open(
            new Opening(
                kind,
                "t/" + tag,
                Headers.EMPTY,
                "",
                empty ? new byte[0] : SimSizes.payload(tag, 0, world.sizes.size()),
                priority,
                timeout,
                1 + world.random.nextInt(300),
                OverflowPolicy.FAIL,
                List.of()),
            this,
            world.now());
    if (world.oneIn(15)) {
      world.at(world.random.nextInt(500) * SimWorld.MILLI, this::cancel);
    }
  }

  private void cancel() {
    if (!node.dead) {
      world.hit("cancel");
      node.core.cancel(x, StatusCode.CANCELLED);
      node.settle();
    }
  }

  @Override
  public void ready(Exchange exchange) {
    if (slow && !consuming && exchange.end() == null) {
      consuming = true;
      world.at(
          world.random.nextInt(20) * SimWorld.MILLI,
          () -> {
            consuming = false;
            consume();
            node.settle();
          });
    } else if (!consuming || exchange.end() != null) {
      consume();
    }
  }

  private void consume() {
    for (InboundMessage m = node.core.poll(x); m != null; m = node.core.poll(x)) {
      world.messages++;
      int index = SimSizes.check(m.payload(), tag);
      world.check(index == received, this + ": item " + index + " after " + received);
      received++;
      if (!kind.oneShot()) {
        node.core.in.demand(x, 1);
      }
    }
    supply();
    End now = x.end();
    if (now != null && end == null) {
      end = now;
      checkEnd();
    }
  }

  private void supply() {
    if (kind != Kind.CHANNEL || finished || x.end() != null) {
      return;
    }
    for (int n = node.core.out.supply(x); n > 0 && sent < toSend; n--) {
      byte[] payload = SimSizes.payload(tag, sent, world.sizes.size());
      node.core.send(x, NO_HEAD, payload, 0, false);
      sent++;
    }
    if (sent == toSend) {
      finished = true;
      node.core.finish(x);
    }
  }

  /** Only what a handler holds for ever, or what waits for a place behind it, is still open. */
  void checkProgress() {
    SimServer server = world.served.get(tag);
    boolean held = x.id == 0 || (server != null && server.holds());
    world.check(end != null || held, this + " makes no progress");
  }

  /** What was answered before the other side closed in order has arrived. */
  void checkAnswered() {
    SimServer server = world.served.get(tag);
    world.check(
        end.cause() != End.Cause.SESSION_LOST || server == null || !server.answered(),
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
        + (node.initiator ? " of the client" : " of the server")
        + ", received "
        + received
        + ", granted "
        + x.itemsGranted
        + ", "
        + (server == null ? "not seen" : server)
        + (end == null ? "" : ", " + end);
  }
}
