package io.carrick;

/**
 * How a handler or a local subscription is run. Immutable.
 *
 * @param isNonBlocking whether it runs on the thread that reads the connection, or on the one that
 *     asked an authorizer that may block. It must then never wait: while it runs, nothing else of
 *     that connection is read, nor of others that the thread reads. A wait for a result of Carrick
 *     made from it, by {@code join()} or {@code get()}, fails with {@link IllegalStateException}.
 *     In a messenger that has one, callers that wait for replies do not read connections
 *     themselves, so that it never runs on their threads
 * @param concurrency how many calls run at a time, of all sessions together, 1 to 65,536; 256 by
 *     default. A request runs until its reply is there, also where that comes later. A stream or a
 *     channel runs until its handler has returned a publisher; how many are open then it does not
 *     bound: that is 1,024 for each session, and the next one waits until its deadline. Fewer can
 *     be had of an interceptor around handlers, which may refuse
 * @param waiting how many more may wait, 0 to 65,536; 256 by default. Calls beyond are refused with
 *     RESOURCE_EXHAUSTED, not delivered. For a handler that is not blocking none waits: what is
 *     beyond its concurrency is refused
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
