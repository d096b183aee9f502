package io.carrick.transport.websocket;

import io.carrick.transport.websocket.tyrus.EngineContainer;
import io.carrick.transport.websocket.tyrus.SessionEndpoint;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.glassfish.tyrus.client.ClientManager;
import org.glassfish.tyrus.client.ClientProperties;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.spi.ClientEngine;
import org.glassfish.tyrus.spi.WebSocketEngine;

/**
 * What Tyrus does here: the handshakes and the frames of one connection. Each has an engine of its
 * own, and nothing of it stays in Tyrus when the connection is over. Safe for use by any thread.
 */
final class Engines {

  /** The path of sessions. */
  static final String PATH = "/v1/session";

  /** The sub-protocol of sessions (RFC 6455, section 1.9): each binary message is a Packet. */
  static final String PROTOCOL = "carrick.v1";

  /** More than the gate lets through, and what Tyrus rounds up to. */
  private static final int BUFFER_BYTES = 2 * FrameGate.MAX_MESSAGE_BYTES;

  /** Has no sockets and, as none of its time-outs is used, no threads. */
  private static final ClientManager CONTAINER =
      ClientManager.createClient(EngineContainer.class.getName());

  static {
    CONTAINER.setDefaultMaxSessionIdleTimeout(-1); // With 0 each message starts a timer of 0 ms.
    CONTAINER.getProperties().put(ClientProperties.INCOMING_BUFFER_SIZE, BUFFER_BYTES);
  }

  private Engines() {}

  /**
   * The client's side of one connection.
   *
   * @param host for the header of that name
   */
  static ClientEngine client(String host, SessionEndpoint endpoint) {
    ClientEndpointConfig config =
        ClientEndpointConfig.Builder.create()
            .preferredSubprotocols(List.of(PROTOCOL))
            .configurator(
                new ClientEndpointConfig.Configurator() {
                  @Override
                  public void beforeRequest(Map<String, List<String>> headers) {
                    headers.remove("Origin"); // Browsers have one.
                    headers.put("Host", List.of(host));
                  }
                })
            .build();
    CompletableFuture<ClientEngine> engine = new CompletableFuture<>();
    config.getUserProperties().put(EngineContainer.ENGINE, engine);
    Exception failure = null;
    try {
      CONTAINER.connectToServer(endpoint, config, URI.create("ws://carrick.invalid" + PATH));
    } catch (DeploymentException | IOException e) {
      failure = e; // Always, as the container opens no socket.
    }
    if (!engine.isDone()) {
      throw new IllegalStateException("Tyrus made no engine", failure);
    }
    return engine.join();
  }

  /** The server's side of one connection. */
  static WebSocketEngine server(SessionEndpoint endpoint) {
    TyrusWebSocketEngine engine =
        TyrusWebSocketEngine.builder(CONTAINER).incomingBufferSize(BUFFER_BYTES).build();
    try {
      engine.register(
          ServerEndpointConfig.Builder.create(SessionEndpoint.class, PATH)
              .subprotocols(List.of(PROTOCOL))
              .configurator(new Given(endpoint))
              .build(),
          "");
    } catch (DeploymentException e) {
      throw new IllegalStateException("Tyrus takes no endpoint", e);
    }
    return engine;
  }

  /** What the taker has not decided already. */
  private static final class Given extends ServerEndpointConfig.Configurator {

    private final SessionEndpoint endpoint;

    Given(SessionEndpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
      return type.cast(endpoint);
    }

    @Override
    public boolean checkOrigin(String origin) {
      return true;
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return PROTOCOL;
    }

    /** None: what is compressed beside a secret tells of it, and what unfolds has no bound. */
    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return List.of();
    }
  }
}
