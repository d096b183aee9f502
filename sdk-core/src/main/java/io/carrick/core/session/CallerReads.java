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

  private static final int MOST = 2 * AFTER;
  private static final int SETBACK = 4;

  /** The numbers of the exchanges of one side are two apart. */
  private static final int NEXT = 2;

  private long last;
  private long lastTheirs;
  private long since;
  private int row;

  /**
   * How long the caller of an exchange may read, in nanoseconds; 0 if it may not.
   *
   * @param id 0 if another thread is about to send it
   * @param lastMine the last exchange that this side opened
   * @param theirs the last one that the peer opened
   * @param living how many have not ended
   */
  long allow(long id, long lastMine, long theirs, int living, long now) {
    long number = id == 0 ? lastMine + NEXT : id;
    if (number != last) {
      boolean next = number == last + NEXT && now - since < LONGEST_NANOS;
      since = now;
      if (next) {
        row = Math.min(MOST, row + 1);
      } else if (number - last <= 2 * NEXT) {
        // Late, or the one before was answered before anybody waited for it, or nobody will.
        setBack();
      } else {
        row = 0;
      }
      last = number;
    }
    if (living != 1 || theirs != lastTheirs || number < lastMine) {
      lastTheirs = theirs;
      row = 0;
    }
    return row < AFTER ? 0 : Math.max(0, since + LONGEST_NANOS - now);
  }

  /** A caller read in vain. */
  void setBack() {
    row = Math.max(0, row - SETBACK);
  }
}
