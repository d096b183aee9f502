package io.carrick.transport.grpc;

import io.carrick.spi.Endpoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The connections of a listener whose peers are not known yet. When one more comes than may be, the
 * oldest goes. Safe for use by any thread.
 */
final class Doorstep {

  private static final System.Logger LOG = System.getLogger(Doorstep.class.getName());
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Endpoint endpoint;
  private final int most;

  // By this.
  private final Set<Door> waiting = new LinkedHashSet<>(); // In the order in which they came.
  private long shed;
  private long loggedNanos = System.nanoTime() - LOG_NANOS;

  Doorstep(Endpoint endpoint, int most) {
    this.endpoint = endpoint;
    this.most = most;
  }

  /** Somebody has come. */
  void arrive(Door door) {
    Door oldest = null;
    long told = 0;
    synchronized (this) {
      waiting.add(door);
      if (waiting.size() > most) {
        Iterator<Door> first = waiting.iterator();
        oldest = first.next();
        first.remove();
        shed++;
        long now = System.nanoTime();
        if (now - loggedNanos >= LOG_NANOS) {
          loggedNanos = now;
          told = shed;
          shed = 0;
        }
      }
    }
    if (oldest != null) {
      oldest.shed();
    }
    if (told > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: more than {1} connections whose peers are not known; closed the oldest {2}",
          endpoint,
          most,
          told);
    }
  }

  /** Closes who has waited longest of those from such addresses; false if nobody of them waits. */
  boolean shedOldest(Predicate<Optional<InetAddress>> from) {
    Door oldest = null;
    synchronized (this) {
      for (Iterator<Door> all = waiting.iterator(); oldest == null && all.hasNext(); ) {
        Door next = all.next();
        if (from.test(next.from())) {
          oldest = next;
          all.remove();
        }
      }
    }
    if (oldest != null) {
      oldest.shed();
    }
    return oldest != null;
  }

  /** The peer is known, or has gone. */
  synchronized void leave(Door door) {
    waiting.remove(door);
  }

  /** Who waits now, oldest first. */
  synchronized List<Door> waiting() {
    return new ArrayList<>(waiting);
  }
}
