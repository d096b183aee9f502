package io.carrick.transport.grpc;

import io.carrick.spi.CloseReason;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.channel.EventLoop;

/** The server's side of a Session call. */
final class ServerCarrier extends ServerCall.Listener<Batch> implements Carrier {

  private final GrpcTransport transport;
  private final EventLoop loop;
  private final ServerCall<Batch, Batch> call;
  private final Tunnel tunnel;

  ServerCarrier(GrpcTransport transport, EventLoop loop, ServerCall<Batch, Batch> call) {
    this.transport = transport;
    this.loop = loop;
    this.call = call;
    String address = Peers.addressOf(call.getAttributes());
    this.tunnel = new Tunnel(loop, this, Peers.of(address, call.getAttributes()));
  }

  Tunnel tunnel() {
    return tunnel;
  }

  @Override
  public void onMessage(Batch message) {
    if (message instanceof Batch.Incoming incoming) {
      tunnel.onPacket(incoming.content());
    }
  }

  @Override
  public void onReady() {
    tunnel.onReady();
  }

  @Override
  public void onHalfClose() {
    Loops.execute(loop, () -> tunnel.onEnd(CloseReason.peer("the peer closed the connection")));
  }

  @Override
  public void onCancel() {
    Loops.execute(
        loop,
        () -> {
          tunnel.onEnd(
              CloseReason.network(
                  "the call of "
                      + tunnel.peer().address()
                      + " was cancelled or its network broke"));
          transport.forget(tunnel);
        });
  }

  @Override
  public void onComplete() {
    Loops.execute(loop, () -> transport.forget(tunnel));
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public void send(Batch.Outgoing batch) {
    call.sendMessage(batch);
  }

  @Override
  public void request(int messages) {
    call.request(messages);
  }

  @Override
  public void end(CloseReason reason) {
    Status status =
        reason.kind() == CloseReason.Kind.PROTOCOL
            ? Status.INVALID_ARGUMENT.withDescription(reason.detail())
            : Status.OK;
    call.close(status, new Metadata());
  }
}
