package io.carrick.transport.grpc;

import io.carrick.spi.TransportProvider;
import io.carrick.testkit.TlsContract;

final class GrpcsHandshakeTest extends TlsContract {

  @Override
  protected TransportProvider provider() {
    return new GrpcTransportProvider();
  }

  @Override
  protected String secure() {
    return "grpcs";
  }

  @Override
  protected String plain() {
    return "grpc";
  }

  @Override
  protected String remedyWithoutTls() {
    return "it answers in HTTP/1.1; " + super.remedyWithoutTls();
  }
}
