package io.carrick.core.session;

/**
 * Decides when a caller that waits reads the connection itself (F13): when its calls follow one
 * another, each alone in the session. To take a connection from its reader and to give it back
 * costs as much as it saves, so it is not worth it for a single call; and what arrives for others
 * between two reads waits for a millisecond or two. Belongs to the serial section.
 */
final class CallerReads {

  /** So many calls in a row are waited for before the next one reads. */
  static final int AFTER = 16;

  /** Calls in a row begin to wait within this time of each other; none reads longer. */
  static final long LONGEST_NANOS = 1_000_000L;

  private long last;
  private long lastTheirs;
  private long since;
  private int row;

  /**
   * How long the caller of an exchange may read, in nanoseconds; 0 if it may not.
   *
   * @param lastMine the last exchange that this side opened
   * @param theirs the last one that the peer opened
   * @param living how many have not ended
   */
  long allow(long id, long lastMine, long theirs, int living, long now) {
    boolean alone = id != 0 && id == lastMine && living == 1 && theirs == lastTheirs;
    if (id != last) {
      // The numbers of one side are two apart.
      boolean follows = id == last + 2 && now - since < LONGEST_NANOS;
      row = follows ? row + 1 : 0;
      last = id;
      since = now;
    }
    lastTheirs = theirs;
    if (!alone) {
      row = 0;
    }
    return row < AFTER ? 0 : Math.max(0, since + LONGEST_NANOS - now);
  }

  /** A caller read in vain. */
  void stop() {
    row = 0;
  }
}
