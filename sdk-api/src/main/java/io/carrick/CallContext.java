package io.carrick;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a call, on the side that makes it and on the side that serves it. Safe for use
 * by any thread.
 */
public interface CallContext {

  /** The header by which a caller says that it makes a call again; absent the first time. */
  String ATTEMPT_HEADER = "carrick-attempt";

  /**
   * A header, of any value, of a message that is not to be compressed, for instance {@code
   * identity}: one that holds a secret beside text that somebody else chose, who would see by its
   * size how alike they are.
   */
  String ENCODING_HEADER = "carrick-encoding";

  /** The pattern of the call. */
  Authorizer.Action action();

  /** Its topic, or the filter of a subscription. */
  String topic();

  /** Whether this is the serving side. */
  boolean serving();

  /** Who calls on the serving side; who is called, where known, on the calling side. */
  Principal principal();

  /** The name of the service at the other end, where it is known. */
  Optional<String> service();

  /** The instance at the other end, 32 hexadecimal digits, where there is a session with one. */
  Optional<String> instance();

  /** The headers that it began with. */
  Headers headers();

  /** Who goes first on a busy session, as the caller said. */
  Priority priority();

  /**
   * Which attempt of its call this is, from 1. On the calling side each further {@code next} of an
   * interceptor is one; on the serving side it is what the caller says, at most 1,000,000.
   */
  int attempt();

  /**
   * Whether the caller said that it may be made again ({@link Requirements#idempotent}); the
   * serving side is not told, and says false.
   */
  boolean idempotent();

  /** The time left until the caller's deadline; empty where there is none. Never negative. */
  Optional<Duration> remaining();

  /**
   * What the interceptors of this side, and on the serving side the handler, tell one another of
   * this call; it stays on this side. Takes no null; safe for use by any thread.
   */
  Map<String, Object> attributes();
}
