package io.carrick;

import java.time.Duration;
import java.util.Optional;

/** A call as its handler sees it. Safe for use by any thread. */
public interface Call {

  /**
   * The message that began it, with its topic and headers; for a channel an empty one with these.
   */
  Message message();

  /** Who calls. */
  Principal principal();

  /**
   * The caller's node, to call it back over the same session.
   *
   * @throws SessionLostException if it has none: it called without the SDK, or is this node itself
   */
  Remote peer();

  /** The time left until the caller's deadline; empty where there is none. Never negative. */
  Optional<Duration> remaining();

  /** Whether the caller has cancelled, its deadline has passed or its session is lost. */
  boolean isCancelled();

  /** Runs the action once when the call is cancelled, at once if it already was; must not block. */
  void onCancel(Runnable action);
}
