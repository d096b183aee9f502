package io.carrick.core.session.state;

import io.carrick.core.frame.Kind;
import io.carrick.core.queue.Fifo;
import org.jspecify.annotations.Nullable;

/** Keeps sends and publishes of one priority in their order (F2): only the first may be sent. */
final class SendOrder {

  private final Fifo<Exchange> normal = new Fifo<>();
  private final Fifo<Exchange> high = new Fifo<>();
  private final Fifo<Exchange> bulk = new Fifo<>();

  private @Nullable Fifo<Exchange> lane(Exchange x) {
    if (!x.mine || (x.kind != Kind.SEND && x.kind != Kind.PUBLISH)) {
      return null;
    }
    return switch (x.priority) {
      case NORMAL -> normal;
      case HIGH -> high;
      case BULK -> bulk;
    };
  }

  /** Whether the exchange may be scheduled now. */
  boolean add(Exchange x) {
    Fifo<Exchange> lane = lane(x);
    if (lane == null) {
      return true;
    }
    lane.add(x);
    return lane.peek() == x;
  }

  /** Takes it out of its lane; returns the exchange that may be scheduled instead. */
  @Nullable Exchange remove(Exchange x) {
    Fifo<Exchange> lane = lane(x);
    if (lane == null || lane.isEmpty()) {
      return null;
    }
    if (lane.peek() == x) {
      lane.poll();
      return lane.peek();
    }
    lane.remove(x);
    return null;
  }
}
