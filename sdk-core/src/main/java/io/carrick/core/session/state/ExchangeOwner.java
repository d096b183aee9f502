package io.carrick.core.session.state;

/** What an exchange belongs to above the session: a future, a subscriber, a handler's call. */
@FunctionalInterface
public interface ExchangeOwner {

  /**
   * Something changed: messages wait in the inbox, the exchange has ended, or it takes more items.
   * The owner then calls {@code Exchanges.poll} until it gives null, looks at {@link Exchange#end},
   * and asks {@code Exchanges.supply}. Called outside of the serial section, on the thread that
   * reads the connection, on the timer, or on a caller's thread, perhaps on several at a time, and
   * perhaps with nothing new. Must not block: blocking work goes to the handler executor.
   */
  void ready(Exchange exchange);

  /** Whether a call that was not sent can be made in another session, and its owner sees to it. */
  default boolean canGoElsewhere() {
    return false;
  }

  /** Whether it may be made again although the peer may have taken it. */
  default boolean canBeRepeated() {
    return false;
  }

  /**
   * There is no memory, and the session has ended for that: lets go of what is large, without
   * taking any. {@link #ready} tells of the end later. In the serial section.
   */
  default void relieve() {}

  /** Whether a call that was not sent waits for a connection until its deadline. */
  default boolean waitForReady() {
    return true;
  }
}
