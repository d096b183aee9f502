package io.carrick;

/**
 * Answers a call whose context it needs. May block, unless it was registered with {@link
 * HandlerOptions#nonBlocking()}. What it throws reaches the caller: a {@link MessagingException}
 * with its code and message, anything else as UNKNOWN.
 *
 * @param <Q> what it takes
 * @param <R> what it returns
 */
@FunctionalInterface
public interface Handler<Q, R> {

  /** Answers one call. */
  R handle(Q value, Call call) throws Exception;
}
