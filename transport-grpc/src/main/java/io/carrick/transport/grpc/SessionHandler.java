package io.carrick.transport.grpc;

import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;

/** Makes a connection of each Session call. */
final class SessionHandler implements ServerCallHandler<Batch, Batch> {

  private static final System.Logger LOG = System.getLogger(SessionHandler.class.getName());

  private final GrpcTransport transport;
  private final Acceptor acceptor;

  SessionHandler(GrpcTransport transport, Acceptor acceptor) {
    this.transport = transport;
    this.acceptor = acceptor;
  }

  @Override
  public ServerCall.Listener<Batch> startCall(ServerCall<Batch, Batch> call, Metadata headers) {
    ServerCarrier carrier = new ServerCarrier(transport, call);
    call.sendHeaders(new Metadata()); // The client waits for them: the session is accepted.
    if (!transport.adopt(carrier.tunnel())) {
      carrier.tunnel().close(CloseReason.local(GrpcTransport.CLOSED));
      return carrier;
    }
    try {
      acceptor.accept(carrier.tunnel());
      if (!carrier.tunnel().isAwaited()) {
        carrier.admit();
      }
    } catch (RuntimeException | Error e) {
      carrier.tunnel().close(CloseReason.local("the acceptor failed: " + e));
      LOG.log(System.Logger.Level.WARNING, "The acceptor failed", e);
    }
    return carrier;
  }
}
