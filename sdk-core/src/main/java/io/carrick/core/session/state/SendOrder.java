package io.carrick.core.session.state;

import io.carrick.core.frame.Kind;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Keeps sends and publishes of one priority in their order (F2): only the first may be sent. */
final class SendOrder {

  private final ArrayDeque<Exchange> normal = new ArrayDeque<>();
  private final ArrayDeque<Exchange> high = new ArrayDeque<>();
  private final ArrayDeque<Exchange> bulk = new ArrayDeque<>();

  private @Nullable ArrayDeque<Exchange> lane(Exchange x) {
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
    ArrayDeque<Exchange> lane = lane(x);
    if (lane == null) {
      return true;
    }
    lane.add(x);
    return lane.peek() == x;
  }

  /** Takes it out of its lane; returns the exchange that may be scheduled instead. */
  @Nullable Exchange remove(Exchange x) {
    ArrayDeque<Exchange> lane = lane(x);
    if (lane == null || lane.isEmpty()) {
      return null;
    }
    if (lane.peek() == x) {
      lane.remove();
      return lane.peek();
    }
    lane.remove(x);
    return null;
  }
}
