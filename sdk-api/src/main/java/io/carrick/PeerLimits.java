package io.carrick;

import java.time.Duration;

/**
 * What peers may take of a node before it knows them, and how many of them may be the same one.
 * Immutable. A peer is known once its HELLO, its RESUME or its first plain call was taken.
 *
 * @param unknownPeers how many peers that are not known yet a messenger, and each of its listeners,
 *     keeps at a time, 1 to 1,000,000; 1,024 by default. When one more comes, the oldest of them is
 *     closed; never one that is known
 * @param unknownBytes how much is read of a peer before it is known, in bytes, 16,384 to 1,048,576;
 *     16,384 by default. The rest waits in the network until then
 * @param sessionsPerPrincipal how many sessions of one principal a messenger accepts at a time, 1
 *     to 1,000,000; 1,024 by default. One more is refused
 * @param sessionsPerAddress how many sessions of peers without a principal a messenger keeps of one
 *     address at a time, 1 to 1,000,000; 1,024 by default. All behind one NAT or on one host are
 *     one address, and the first 64 bits of an IPv6 address are one. When one more comes, another
 *     of the address ends, never the one that came: one that waits to be resumed before one that is
 *     connected, one without an open call before one with calls, and of these the one that was not
 *     used for longest
 * @param sessionsWithoutPrincipal how many sessions of peers without a principal a messenger keeps
 *     in all, 1 to 1,000,000; 16,384 by default. When one more comes, the address that has most of
 *     them loses one, in the same way
 * @param leastBytesPerSecond what a peer must send while something that it began is incomplete, 0
 *     to 1,048,576 B/s; 100 by default. 0 asks for nothing
 * @param rateWindow over how long that is measured, 100 ms to 5 min; 10 s by default
 */
public record PeerLimits(
    int unknownPeers,
    int unknownBytes,
    int sessionsPerPrincipal,
    int sessionsPerAddress,
    int sessionsWithoutPrincipal,
    int leastBytesPerSecond,
    Duration rateWindow) {

  private static final int MOST = 1_000_000;
  private static final Duration LEAST_WINDOW = Duration.ofMillis(100);
  private static final Duration MOST_WINDOW = Duration.ofMinutes(5);

  /**
   * 1,024 unknown peers with 16 KiB each, 1,024 sessions of a principal or of an address, 16,384
   * without a principal, 100 B/s over 10 s.
   */
  public static final PeerLimits DEFAULT =
      new PeerLimits(1_024, 16 << 10, 1_024, 1_024, 16_384, 100, Duration.ofSeconds(10));

  public PeerLimits {
    check("unknownPeers", unknownPeers, 1, MOST);
    check("unknownBytes", unknownBytes, 16 << 10, 1 << 20);
    check("sessionsPerPrincipal", sessionsPerPrincipal, 1, MOST);
    check("sessionsPerAddress", sessionsPerAddress, 1, MOST);
    check("sessionsWithoutPrincipal", sessionsWithoutPrincipal, 1, MOST);
    check("leastBytesPerSecond", leastBytesPerSecond, 0, 1 << 20);
    if (rateWindow.compareTo(LEAST_WINDOW) < 0 || rateWindow.compareTo(MOST_WINDOW) > 0) {
      throw new IllegalArgumentException(
          "rateWindow " + rateWindow + " must be " + LEAST_WINDOW + " to " + MOST_WINDOW);
    }
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(name + " " + value + " must be " + least + " to " + most);
    }
  }

  /** The same with another number of peers that are not known yet. */
  public PeerLimits withUnknownPeers(int value) {
    return new PeerLimits(
        value,
        unknownBytes,
        sessionsPerPrincipal,
        sessionsPerAddress,
        sessionsWithoutPrincipal,
        leastBytesPerSecond,
        rateWindow);
  }

  /** The same with other bytes of a peer that is not known yet. */
  public PeerLimits withUnknownBytes(int value) {
    return new PeerLimits(
        unknownPeers,
        value,
        sessionsPerPrincipal,
        sessionsPerAddress,
        sessionsWithoutPrincipal,
        leastBytesPerSecond,
        rateWindow);
  }

  /** The same with another number of sessions of one principal. */
  public PeerLimits withSessionsPerPrincipal(int value) {
    return new PeerLimits(
        unknownPeers,
        unknownBytes,
        value,
        sessionsPerAddress,
        sessionsWithoutPrincipal,
        leastBytesPerSecond,
        rateWindow);
  }

  /** The same with another number of sessions of one address without a principal. */
  public PeerLimits withSessionsPerAddress(int value) {
    return new PeerLimits(
        unknownPeers,
        unknownBytes,
        sessionsPerPrincipal,
        value,
        sessionsWithoutPrincipal,
        leastBytesPerSecond,
        rateWindow);
  }

  /** The same with another number of sessions without a principal in all. */
  public PeerLimits withSessionsWithoutPrincipal(int value) {
    return new PeerLimits(
        unknownPeers,
        unknownBytes,
        sessionsPerPrincipal,
        sessionsPerAddress,
        value,
        leastBytesPerSecond,
        rateWindow);
  }

  /** The same with another least rate. */
  public PeerLimits withLeastRate(int bytesPerSecond, Duration window) {
    return new PeerLimits(
        unknownPeers,
        unknownBytes,
        sessionsPerPrincipal,
        sessionsPerAddress,
        sessionsWithoutPrincipal,
        bytesPerSecond,
        window);
  }
}
