package io.carrick.core.session;

/** What a session tells the messenger. Called outside of the serial section; must not block. */
public interface SessionEvents {

  /**
   * The peer opened an exchange. The messenger sets its owner by {@link Session#adopt} and then
   * treats it as ready; or refuses it by {@link Session#fail}. Called in the order of the peer's
   * openings, on the thread that reads the connection; for sends and publishes once the whole
   * message is in the inbox.
   */
  void opened(Session session, Exchange exchange);

  /** The session is over, once; all its exchanges have ended or are told so after this call. */
  void ended(Session session, End reason);
}
