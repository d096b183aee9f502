package io.carrick.transport.websocket;

import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TlsContract;

final class WssHandshakeTest extends TlsContract {

  @Override
  protected TransportProvider provider() {
    return new WebSocketTransportProvider();
  }

  @Override
  protected String secure() {
    return "wss";
  }

  @Override
  protected String plain() {
    return "ws";
  }
}
