package io.carrick;

/**
 * Answers a call whose context it needs: topic, headers, caller, time left. May block, unless it
 * was registered with {@link HandlerOptions#nonBlocking()}. What it throws reaches the caller: a
 * {@link MessagingException} with its code and message, anything else as UNKNOWN.
 *
 * @param <Q> what it takes
 * @param <R> what it returns
 */
@FunctionalInterface
public interface Handler<Q, R> {

  /** Answers one call. */
  R handle(Q value, Call call) throws Exception;

  /**
   * A handler that needs nothing but the value. It is a {@link Handler}, so that a method reference
   * that would do for both means this one.
   *
   * @param <Q> what it takes
   * @param <R> what it returns
   */
  @FunctionalInterface
  interface Simple<Q, R> extends Handler<Q, R> {

    /** Answers one call. */
    R handle(Q value) throws Exception;

    @Override
    default R handle(Q value, Call call) throws Exception {
      return handle(value);
    }
  }
}
