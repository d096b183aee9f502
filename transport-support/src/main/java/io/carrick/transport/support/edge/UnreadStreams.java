package io.carrick.transport.support.edge;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The streams of a listener whose callers do not read what was sent. Each holds what its library
 * keeps for it, about {@value #BYTES} bytes with its objects, so an eighth of the heap bounds how
 * many there may be; above that the one that stalled first ends. Safe for any thread.
 */
public final class UnreadStreams {

  /** What a stream holds at most, as measured: 128 frames, of 32 KiB together. */
  static final int BYTES = 64 * 1024;

  private static final int PART_OF_HEAP = 8;
  private static final int LEAST = 32;

  private final int most;
  private final Set<ItemWriter> waiting = new LinkedHashSet<>(); // By this; in order.

  /** As many as an eighth of the heap has room for. */
  public UnreadStreams() {
    this((int) Math.max(LEAST, Runtime.getRuntime().maxMemory() / PART_OF_HEAP / BYTES));
  }

  /** So many at most. */
  public UnreadStreams(int most) {
    this.most = most;
  }

  /** Its library takes nothing more of this stream now. */
  void add(ItemWriter writer) {
    ItemWriter first = null;
    synchronized (this) {
      waiting.add(writer);
      if (waiting.size() > most) {
        Iterator<ItemWriter> all = waiting.iterator();
        first = all.next();
        all.remove();
      }
    }
    if (first != null) {
      first.fail(tooMany());
    }
  }

  /** It goes on, or has ended. */
  synchronized void remove(ItemWriter writer) {
    waiting.remove(writer);
  }

  private MessagingException tooMany() {
    return EdgeFailure.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        "more than "
            + most
            + " streams of this listener have callers that do not read, and this one has waited"
            + " longest: read what comes, or open fewer streams");
  }
}
