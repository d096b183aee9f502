package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.netty.Guards;
import io.carrick.netty.ListeningSocket;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a server of an endpoint. */
final class Binder {

  private final GrpcTransport transport;
  private final Loops loops;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private final GrpcEdge edge;
  private final NettyTls tls;
  private final PeerLimits limits;

  Binder(
      GrpcTransport transport,
      Loops loops,
      Endpoint endpoint,
      Acceptor acceptor,
      GrpcEdge edge,
      NettyTls tls,
      PeerLimits limits) {
    this.transport = transport;
    this.loops = loops;
    this.endpoint = endpoint;
    this.acceptor = acceptor;
    this.edge = edge;
    this.tls = tls;
    this.limits = limits;
  }

  /**
   * Binds; blocks until it is done.
   *
   * @throws EndpointException if that cannot be, with nothing left bound
   */
  GrpcListener bind(GrpcAddress address) {
    Guards guards =
        new Guards(
            address.tls(), limits, accepted -> accepted.pipeline().addFirst(new CallSocket()));
    if (address.path() != null) {
      return start(ListeningSocket.unix(endpoint, address.path(), guards), null);
    }
    SslContext secure =
        address.tls()
            ? tls.server(endpoint, GrpcAddress.PLAIN + "://", ApplicationProtocolNames.HTTP_2)
            : null;
    HostPort host = Objects.requireNonNull(address.peer());
    return start(ListeningSocket.tcp(endpoint, host, guards), secure);
  }

  private GrpcListener start(ListeningSocket socket, @Nullable SslContext secure) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(socket.local())
            .channelFactory(socket::channel)
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .directExecutor();
    if (socket.isUnix()) {
      // gRPC sets it on every socket, and Netty warns of each that has no such option.
      builder.withChildOption(ChannelOption.SO_KEEPALIVE, null);
    }
    if (secure != null) {
      builder.sslContext(secure);
    }
    Limits.apply(builder);
    builder.addTransportFilter(edge.connections());
    builder.addStreamTracerFactory(edge.intake());
    builder.intercept(new Admission());
    builder.addService(carrick());
    edge.services().forEach(builder::addService);
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException | RuntimeException e) {
      server.shutdownNow();
      throw socket.failed(e);
    }
    return new GrpcListener(loops, socket, server, edge);
  }

  private ServerServiceDefinition carrick() {
    List<ServerMethodDefinition<?, ?>> plain = edge.methods();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(SessionMethod.SERVICE)
            .setSchemaDescriptor(PlainMethods.SCHEMA)
            .addMethod(SessionMethod.DESCRIPTOR);
    plain.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(descriptor.build())
            .addMethod(SessionMethod.DESCRIPTOR, new SessionHandler(transport, acceptor));
    plain.forEach(service::addMethod);
    return service.build();
  }
}
