package io.carrick.cli;

/**
 * What became of numbered messages.
 *
 * @param sent how many were sent
 * @param received how many arrived, each time one did
 * @param lost how many never arrived
 * @param duplicated how many arrived once more than once
 * @param reordered how many arrived behind one that was sent after them, where there is an order
 */
record Tally(long sent, long received, long lost, long duplicated, long reordered) {

  static final Tally NONE = new Tally(0, 0, 0, 0, 0);

  /** Both together. */
  Tally plus(Tally other) {
    return new Tally(
        sent + other.sent,
        received + other.received,
        lost + other.lost,
        duplicated + other.duplicated,
        reordered + other.reordered);
  }

  /** Whether each arrived once and in its place. */
  boolean isClean() {
    return lost == 0 && duplicated == 0 && reordered == 0 && sent == received;
  }
}
