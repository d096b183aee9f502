package io.carrick.transport.grpc;

import io.carrick.netty.Door;
import io.carrick.netty.Loops;
import io.carrick.spi.CloseReason;
import io.carrick.transport.support.Packet;
import io.carrick.transport.support.PacketChannel;
import io.carrick.transport.support.QueuedConnection;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Objects;

/** The server's side of a Session call. */
final class ServerCarrier extends ServerCall.Listener<Batch> implements PacketChannel {

  private final GrpcTransport transport;
  private final Channel socket;
  private final EventLoop loop;
  private final ServerCall<Batch, Batch> call;
  private final QueuedConnection tunnel;
  private boolean over; // Touched only on the loop.

  ServerCarrier(GrpcTransport transport, ServerCall<Batch, Batch> call) {
    this.transport = transport;
    this.socket = Objects.requireNonNull(call.getAttributes().get(CallSocket.KEY));
    this.loop = socket.eventLoop();
    this.call = call;
    this.tunnel =
        new QueuedConnection(Loops.executor(loop), this, CallSocket.client(call.getAttributes()));
  }

  QueuedConnection tunnel() {
    return tunnel;
  }

  @Override
  public void onMessage(Batch message) {
    SessionMethod.deliver(message, tunnel);
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
          forget();
        });
  }

  @Override
  public void onComplete() {
    Loops.execute(loop, this::forget);
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public boolean send(Packet packet) {
    call.sendMessage(new BatchStream(packet));
    return true;
  }

  @Override
  public void request(int messages) {
    call.request(messages);
  }

  @Override
  public void afterOthers(Runnable task) {
    Loops.afterOthers(loop, task);
  }

  @Override
  public void end(CloseReason reason) {
    Status status =
        reason.kind() == CloseReason.Kind.PROTOCOL
            ? Status.INVALID_ARGUMENT.withDescription(reason.detail())
            : Status.OK;
    call.close(status, new Metadata());
    // The trailers stand behind what the peer has not read.
    Loops.later(loop, Dialer.LINGER, this::cut);
  }

  @Override
  public void admit() {
    Door door = Door.of(socket);
    if (loop.inEventLoop()) {
      door.admit();
    } else {
      Loops.execute(loop, door::admit);
    }
  }

  private void forget() {
    over = true;
    transport.forget(tunnel);
  }

  private void cut() {
    if (!over) {
      socket.close();
    }
  }
}
