package io.carrick.transport.websocket.tyrus;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;

/** The end of one connection, on either side. */
public final class SessionEndpoint extends Endpoint {

  /** What happens to it; on its event loop. */
  public interface Events {

    /** It is open. */
    void opened(Session session);

    /** It was closed, by either side or by Tyrus for what the other side did. */
    void closed(CloseReason reason);

    /** Something was thrown. */
    void failed(Throwable failure);
  }

  private final Events events;

  /** An end that is not open yet. */
  public SessionEndpoint(Events events) {
    this.events = events;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    events.opened(session);
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    events.closed(reason);
  }

  @Override
  public void onError(Session session, Throwable failure) {
    events.failed(failure);
  }
}
