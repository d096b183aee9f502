package io.carrick;

/**
 * How a handler or a local subscription is run. Immutable.
 *
 * @param isNonBlocking whether it runs on the thread that reads the connection. It must then never
 *     wait: while it runs, nothing else of that connection is read. A blocking call of Carrick made
 *     from it fails with {@link IllegalStateException}. In a messenger that has one, callers that
 *     wait for replies do not read connections themselves, so that it never runs on their threads
 * @param concurrency how many calls run at a time, 1 to 65,536; 256 by default. A request runs
 *     until its reply is there, also where that comes later; a stream or a channel until its
 *     handler has returned a publisher. Open ones are bounded for each session, to 1,024
 * @param waiting how many more may wait, 0 to 65,536; 256 by default. Calls beyond are refused with
 *     RESOURCE_EXHAUSTED, not delivered
 */
public record HandlerOptions(boolean isNonBlocking, int concurrency, int waiting) {

  /** Blocking allowed, 256 running, 256 waiting. */
  public static final HandlerOptions DEFAULT = new HandlerOptions(false, 256, 256);

  public HandlerOptions {
    if (concurrency < 1 || concurrency > 65_536) {
      throw new IllegalArgumentException("concurrency " + concurrency + " must be 1 to 65536");
    }
    if (waiting < 0 || waiting > 65_536) {
      throw new IllegalArgumentException("waiting " + waiting + " must be 0 to 65536");
    }
  }

  /** Options of a handler that never waits and runs on the reading thread. */
  public static HandlerOptions nonBlocking() {
    return new HandlerOptions(true, 256, 256);
  }

  /** The same options with another concurrency. */
  public HandlerOptions withConcurrency(int value) {
    return new HandlerOptions(isNonBlocking, value, waiting);
  }

  /** The same options with another number of waiting calls. */
  public HandlerOptions withWaiting(int value) {
    return new HandlerOptions(isNonBlocking, concurrency, value);
  }
}
