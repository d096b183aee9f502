package io.carrick.core.path;

import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.spi.PeerInfo;
import java.util.List;

/**
 * Hears what happens to the path of a session, one thing at a time and in order; must not block.
 */
public interface PathWatcher {

  /** Until there is one. */
  PathWatcher NONE = new PathWatcher() {};

  default void began(Session session) {}

  default void suspended(Session session, String reason) {}

  default void suspect(Session session, String reason) {}

  default void resumed(Session session, PeerInfo path) {}

  default void advertised(Session session, List<String> endpoints) {}

  default void moveAsked(Session session) {}

  default void draining(Session session) {}

  default void ended(Session session, End reason) {}
}
