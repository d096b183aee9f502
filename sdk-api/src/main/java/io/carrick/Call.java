package io.carrick;

/** A call as its handler sees it. Safe for use by any thread. */
public interface Call extends CallContext {

  /**
   * The message that began it, with its topic and headers; for a channel an empty one with these.
   */
  Message message();

  /**
   * The caller's node, to call it back over the same session.
   *
   * @throws SessionLostException if it has none: it called without the SDK, or is this node itself
   */
  Remote peer();

  /**
   * Whether the caller has cancelled, its deadline has passed, its session is lost, or this node
   * closes or stops serving and no longer waits for the handler.
   */
  boolean isCancelled();

  /** Runs the action once when the call is cancelled, at once if it already was; must not block. */
  void onCancel(Runnable action);

  /**
   * Adds a header to the reply of a request. Who asks for a {@link Message} sees it. Without effect
   * once the reply has gone.
   *
   * @throws IllegalStateException if it is no request: items have their own headers, where they are
   *     messages, and one-way messages have no reply
   * @throws IllegalArgumentException if a reply may not have it ({@link Headers})
   */
  void replyHeader(String name, String value);
}
