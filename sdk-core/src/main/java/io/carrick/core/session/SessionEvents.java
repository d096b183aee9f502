package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.spi.PeerInfo;
import java.util.List;

/** What a session tells the messenger. Called outside of the serial section; must not block. */
public interface SessionEvents {

  /** Nobody is told. */
  SessionEvents NONE =
      new SessionEvents() {
        @Override
        public void opened(Session session, Exchange exchange) {}

        @Override
        public void ended(Session session, End reason) {}
      };

  /**
   * The peer opened an exchange. The messenger sets its owner by {@link Session#adopt} and then
   * treats it as ready; or refuses it by {@link Session#fail}. Called in the order of the peer's
   * openings, on the thread that reads the connection; for sends and publishes once the whole
   * message is in the inbox.
   */
  void opened(Session session, Exchange exchange);

  // What follows is told in order, one at a time for each session; again, where an
  // OutOfMemoryError is thrown.

  /** No connection carries the session: the initiator should dial another one. */
  default void suspended(Session session, String reason) {}

  /** The path is silent (F11): the initiator should open another one beside. */
  default void suspect(Session session, String reason) {}

  /** A new connection carries the session. */
  default void resumed(Session session, PeerInfo path) {}

  /** That connection does not show who the peer is: its principal is none from now on. */
  default void unidentified(Session session, Principal before, PeerInfo path) {}

  /** The peer said where else it listens. */
  default void advertised(Session session, List<String> endpoints) {}

  /** The peer asks to be reached over another path. */
  default void moveAsked(Session session) {}

  /** The peer goes away: it takes no new exchanges. */
  default void draining(Session session) {}

  /** The session is over, once; all its exchanges have ended or are told so after this call. */
  void ended(Session session, End reason);
}
