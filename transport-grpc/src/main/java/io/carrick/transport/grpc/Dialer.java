package io.carrick.transport.grpc;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyPeers;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.Packet;
import io.carrick.transport.support.PacketChannel;
import io.carrick.transport.support.QueuedConnection;
import io.carrick.unix.PeerCredentials;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Makes one connection: an HTTP/2 connection of its own, and the call inside it. */
final class Dialer extends ClientCall.Listener<Batch> implements PacketChannel {

  /** What a peer that does not end the call may take before the connection is cut. */
  static final Duration LINGER = Duration.ofSeconds(1);

  private final GrpcTransport transport;
  private final EventLoop loop;
  private final Endpoint endpoint;
  private final Duration timeout;
  private final GrpcAddress address;
  private final Outbound outbound;
  private final ClientCall<Batch, Batch> call;
  private final CompletableFuture<Connection> result;
  private @Nullable QueuedConnection tunnel; // Touched only on the loop.

  Dialer(
      GrpcTransport transport,
      EventLoop loop,
      Endpoint endpoint,
      GrpcAddress address,
      TransportConfig config,
      Outbound outbound,
      CompletableFuture<Connection> result) {
    this.transport = transport;
    this.loop = loop;
    this.endpoint = endpoint;
    this.timeout = config.connectTimeout();
    this.address = address;
    this.outbound = outbound;
    this.call = outbound.grpc().newCall(SessionMethod.DESCRIPTOR, CallOptions.DEFAULT);
    this.result = result;
  }

  /** Starts the call. */
  void start() {
    Future<?> expiry = Loops.later(loop, timeout, this::expire);
    result.whenComplete(
        (connection, failure) -> {
          expiry.cancel(false);
          if (failure != null) {
            cut();
          }
        });
    call.start(this, new Metadata());
  }

  /** Fails a connect that is not done. */
  void giveUp() {
    result.completeExceptionally(
        new ConnectException("cannot connect to " + endpoint + ": " + GrpcTransport.CLOSED, null));
  }

  /** Ends everything at once. */
  void cut() {
    outbound.grpc().shutdownNow();
  }

  @Override
  public void onHeaders(Metadata headers) {
    Loops.execute(loop, this::connected);
  }

  @Override
  public void onMessage(Batch message) {
    if (tunnel != null) {
      SessionMethod.deliver(message, tunnel);
    }
  }

  @Override
  public void onReady() {
    if (tunnel != null) {
      tunnel.onReady();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    Loops.execute(loop, () -> ended(status));
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
    if (reason.kind() == CloseReason.Kind.PROTOCOL) {
      cut();
      return;
    }
    call.halfClose();
    outbound.grpc().shutdown();
    Loops.later(loop, LINGER, this::cut);
  }

  private void connected() {
    if (result.isDone()) {
      return;
    }
    Channel socket = Objects.requireNonNull(outbound.socket());
    try {
      requireOwner(socket);
    } catch (EndpointException e) {
      result.completeExceptionally(e);
      return;
    }
    tunnel =
        new QueuedConnection(
            Loops.executor(loop),
            this,
            NettyPeers.of(
                endpoint.toString(),
                socket,
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
    if (!transport.adopt(tunnel)) {
      result.completeExceptionally(
          new ConnectException(
              "cannot connect to " + endpoint + ": " + GrpcTransport.CLOSED, null));
    } else if (!result.complete(tunnel)) {
      tunnel.close(CloseReason.local("the connect was cancelled"));
    }
  }

  private void requireOwner(Channel socket) {
    if (address.path() != null) {
      try {
        PeerCredentials.requireOwner(
            endpoint, NettyPeers.userOf(socket), Files.getOwner(address.path()));
      } catch (IOException e) {
        throw new EndpointException(
            StatusCode.PERMISSION_DENIED,
            "cannot trust " + endpoint + ": its owner is not known (" + e + "); check the path",
            e);
      }
    }
  }

  private void ended(Status status) {
    if (tunnel == null) {
      result.completeExceptionally(Failures.connect(endpoint, status));
    } else {
      tunnel.onEnd(Failures.closeReason(status, endpoint.toString()));
    }
    transport.forget(this);
    if (tunnel != null) {
      transport.forget(tunnel);
    }
    cut();
  }

  private void expire() {
    if (!result.isDone()) {
      result.completeExceptionally(
          new ConnectException(
              "cannot connect to "
                  + endpoint
                  + (outbound.isResolved()
                      ? ": no answer within "
                          + timeout.toMillis()
                          + " ms; look at what the service does, or raise the connect time-out"
                      : ": the name "
                          + (address.peer() == null ? "" : address.peer().host())
                          + " was not resolved within "
                          + timeout.toMillis()
                          + " ms; check the name and the DNS of this host"),
              null));
    }
  }
}
