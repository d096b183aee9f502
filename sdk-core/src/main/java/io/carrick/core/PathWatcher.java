package io.carrick.core;

import io.carrick.core.session.Session;
import java.util.List;

/**
 * Hears what happens to the path of a session, one thing at a time and in order; must not block.
 */
interface PathWatcher {

  /** For sessions that the peer dialled: it looks after their paths. */
  PathWatcher NONE = new PathWatcher() {};

  default void suspended(Session session, String reason) {}

  default void suspect(Session session, String reason) {}

  default void advertised(Session session, List<String> endpoints) {}

  default void moveAsked(Session session) {}

  default void draining(Session session) {}
}
