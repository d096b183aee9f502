package io.carrick.core.session;

import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import java.util.Map;

/** A handler: quick, slow or never returning. */
final class SimServer implements ExchangeOwner {

  private static final byte[] NO_HEAD = {};

  private final SimWorld world;
  private final SimPeer node;
  private final Exchange x;
  private final long tag;
  private final int toSend;
  private int received;
  private int sent;
  private boolean answering;
  private boolean done;
  private boolean started;

  SimServer(SimPeer node, Exchange x) {
    this.node = node;
    this.world = node.world;
    this.x = x;
    this.toSend = world.random.nextInt(80);
    this.tag = Long.parseLong(x.incoming().topic().substring(2));
    world.check(world.served.put(tag, this) == null, "call " + tag + " came twice");
    if (x.kind == Kind.SEND || x.kind == Kind.PUBLISH) {
      Long last = node.lastOfLane.put(x.priority, tag);
      world.check(last == null || last < tag, "publish " + tag + " after " + last);
    }
  }

  int expectedReplies() {
    return sent;
  }

  /** Whether the handler has not begun to answer. */
  boolean holds() {
    return node.stuck.contains(this);
  }

  /** Whether the last of it got its seq. */
  boolean answered() {
    return x.end() != null && x.end().cause() == End.Cause.COMPLETED;
  }

  @Override
  public void ready(Exchange exchange) {
    for (InboundMessage m = node.core.poll(x); m != null; m = node.core.poll(x)) {
      world.messages++;
      int index = SimSizes.check(m.payload(), tag);
      world.check(index == received, "channel " + tag + ": item " + index + " after " + received);
      received++;
      if (x.kind == Kind.CHANNEL) {
        node.core.in.demand(x, 1);
      }
    }
    if (!started) {
      started = true;
      start();
    } else if (answering) {
      supply();
    }
  }

  private void start() {
    if (x.kind == Kind.CHANNEL) {
      node.core.in.demand(x, 1 + world.random.nextInt(300));
    }
    if (x.kind == Kind.SUBSCRIBE) {
      node.core.accept(x);
    }
    int mood = world.random.nextInt(20);
    if (mood == 0 && !world.released) {
      world.hit("never returning");
      node.stuck.add(this);
    } else if (mood < 6) {
      world.at(world.random.nextInt(300) * SimWorld.MILLI, this::answer);
    } else {
      answer();
    }
  }

  void answer() {
    if (x.end() != null || node.dead) {
      return;
    }
    answering = true;
    if (world.oneIn(15)) {
      done = true;
      node.core.fail(
          x, FrameWriter.error(x.id, StatusCode.ABORTED.number(), "no", Map.of(), false));
    } else if (x.kind == Kind.REQUEST) {
      done = true;
      sent = 1;
      node.core.send(x, NO_HEAD, SimSizes.payload(tag, 0, world.sizes.size()), 0, true);
    } else if (x.kind.oneShot()) {
      done = true;
      node.core.finish(x);
    } else {
      supply();
    }
    node.settle();
  }

  private void supply() {
    if (done || x.end() != null) {
      return;
    }
    for (int n = node.core.out.supply(x); n > 0 && sent < toSend; n--) {
      node.core.send(x, NO_HEAD, SimSizes.payload(tag, sent, world.sizes.size()), 0, false);
      sent++;
    }
    if (sent >= toSend) {
      done = true;
      node.core.finish(x);
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
