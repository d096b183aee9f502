package io.carrick.transport.websocket.tyrus;

import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.DeploymentException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.glassfish.tyrus.spi.ClientContainer;
import org.glassfish.tyrus.spi.ClientEngine;

/**
 * Opens no socket: hands over the engine that Tyrus has made for one, and says that it is not open.
 * Else Tyrus would block a thread for as long as a handshake takes.
 */
public final class EngineContainer implements ClientContainer {

  /** The user property with the future that gets the engine. */
  public static final String ENGINE = EngineContainer.class.getName();

  /** Tyrus makes one. */
  public EngineContainer() {}

  @Override
  @SuppressWarnings("unchecked") // It is put there under this name.
  public void openClientSocket(
      ClientEndpointConfig config, Map<String, Object> properties, ClientEngine engine)
      throws DeploymentException {
    CompletableFuture<ClientEngine> taker =
        (CompletableFuture<ClientEngine>) config.getUserProperties().get(ENGINE);
    Objects.requireNonNull(taker, ENGINE).complete(engine);
    throw new DeploymentException("its socket is opened elsewhere");
  }
}
