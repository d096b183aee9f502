package io.carrick;

/**
 * Takes what nobody waits for, a one-way message or one that was published, and its context: topic,
 * headers, caller. May block, unless it was registered with {@link HandlerOptions#nonBlocking()}.
 * What it throws is logged; the sender has its answer already.
 *
 * @param <T> what it takes
 */
@FunctionalInterface
public interface OneWayHandler<T> {

  /** Takes one message. */
  void handle(T value, Call call) throws Exception;

  /**
   * A handler that needs nothing but the value. It is a {@link OneWayHandler}, so that a method
   * reference that would do for both means this one.
   *
   * @param <T> what it takes
   */
  @FunctionalInterface
  interface Simple<T> extends OneWayHandler<T> {

    /** Takes one message. */
    void handle(T value) throws Exception;

    @Override
    default void handle(T value, Call call) throws Exception {
      handle(value);
    }
  }
}
