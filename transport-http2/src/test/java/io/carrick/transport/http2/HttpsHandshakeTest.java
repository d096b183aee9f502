package io.carrick.transport.http2;

import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TlsContract;

final class HttpsHandshakeTest extends TlsContract {

  @Override
  protected TransportProvider provider() {
    return new Http2TransportProvider();
  }

  @Override
  protected String secure() {
    return "https";
  }

  @Override
  protected String plain() {
    return "http";
  }
}
