package io.carrick.transport.support;

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
import org.jspecify.annotations.Nullable;

/**
 * The connections of a listener whose peers are not known yet. When one more comes than may be, the
 * oldest goes. Safe for use by any thread.
 *
 * @param <P> the connections
 */
public final class UnknownPeers<P extends UnknownPeers.Peer> {

  /** An accepted connection. */
  public interface Peer {

    /** Where it comes from; empty for a socket of this host. */
    Optional<InetAddress> from();

    /** Too many wait, and this one has waited longest: to be closed unless it is known by now. */
    void shed();
  }

  private static final System.Logger LOG = System.getLogger(UnknownPeers.class.getName());
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Endpoint endpoint;
  private final int most;

  // By this.
  private final Set<P> waiting = new LinkedHashSet<>(); // In the order in which they came.
  private long shed;
  private long loggedNanos = System.nanoTime() - LOG_NANOS;

  /**
   * Nobody waits yet.
   *
   * @param endpoint of the listener, for the log
   */
  public UnknownPeers(Endpoint endpoint, int most) {
    this.endpoint = endpoint;
    this.most = most;
  }

  /** Somebody has come. */
  public void arrive(P peer) {
    @Nullable P oldest = null;
    long told = 0;
    synchronized (this) {
      waiting.add(peer);
      if (waiting.size() > most) {
        Iterator<P> first = waiting.iterator();
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
  public boolean shedOldest(Predicate<Optional<InetAddress>> from) {
    @Nullable P oldest = null;
    synchronized (this) {
      for (Iterator<P> all = waiting.iterator(); oldest == null && all.hasNext(); ) {
        P next = all.next();
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
  public synchronized void leave(P peer) {
    waiting.remove(peer);
  }

  /** Who waits now, oldest first. */
  public synchronized List<P> waiting() {
    return new ArrayList<>(waiting);
  }
}
