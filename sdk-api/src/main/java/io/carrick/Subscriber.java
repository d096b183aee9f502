package io.carrick;

/**
 * Takes the messages of a subscription, one at a time and in order, as callbacks.
 *
 * @param <T> what the messages are decoded to
 */
@FunctionalInterface
public interface Subscriber<T> {

  /**
   * Takes one message. What it throws is logged, and the subscription goes on.
   *
   * @param message as it came: its topic, headers and bytes
   */
  void onMessage(T value, Message message) throws Exception;

  /**
   * Told, in its place among the messages, that some were missed.
   *
   * @param missed how many were dropped, or -1 where nobody can tell: the session was lost and
   *     messages may have been published before the new subscription took effect
   */
  default void onGap(long missed) {}

  /** Told once that no more messages come, with the reason; not called after {@code close()}. */
  default void onEnd(MessagingException reason) {}

  /**
   * A subscriber that needs nothing but the value. It is a {@link Subscriber}, so that a method
   * reference that would do for both means this one.
   *
   * @param <T> what the messages are decoded to
   */
  @FunctionalInterface
  interface Simple<T> extends Subscriber<T> {

    /** Takes one message. What it throws is logged, and the subscription goes on. */
    void onMessage(T value) throws Exception;

    @Override
    default void onMessage(T value, Message message) throws Exception {
      onMessage(value);
    }
  }
}
