package io.carrick.transport.grpc;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The streams of a listener whose callers do not read what was sent. Each holds so many frames that
 * gRPC and Netty keep for it, about {@value #BYTES} bytes with their objects, so an eighth of the
 * heap bounds how many there may be; above that the one that stalled first ends. Safe for any
 * thread.
 */
final class Stalled {

  /** What a stream holds at most, as measured: 128 frames, of 32 KiB together. */
  static final int BYTES = 64 * 1024;

  private static final int PART_OF_HEAP = 8;
  private static final int LEAST = 32;

  private final int most;
  private final Set<ItemWriter> waiting = new LinkedHashSet<>(); // By this; in order.

  Stalled() {
    this((int) Math.max(LEAST, Runtime.getRuntime().maxMemory() / PART_OF_HEAP / BYTES));
  }

  Stalled(int most) {
    this.most = most;
  }

  /** GRPC takes nothing more of this stream now. */
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
    return PlainStatus.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        "more than "
            + most
            + " streams of this listener have callers that do not read, and this one has waited"
            + " longest: read what comes, or open fewer streams");
  }
}
