package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Calls;
import io.carrick.spi.Endpoint;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Makes a server of an endpoint. */
final class Binder {

  private final GrpcTransport transport;
  private final Loops loops;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private final Calls calls;

  Binder(GrpcTransport transport, Loops loops, Endpoint endpoint, Acceptor acceptor, Calls calls) {
    this.transport = transport;
    this.loops = loops;
    this.endpoint = endpoint;
    this.acceptor = acceptor;
    this.calls = calls;
  }

  /**
   * Binds; blocks until it is done.
   *
   * @throws EndpointException if that cannot be, with nothing left bound
   */
  GrpcListener bind(GrpcAddress address) {
    AtomicReference<Channel> channel = new AtomicReference<>();
    Server server = null;
    try {
      InetSocketAddress local =
          new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(local)
              .channelFactory(
                  () -> {
                    NioServerSocketChannel created = new NioServerSocketChannel();
                    channel.set(created);
                    return created;
                  })
              .bossEventLoopGroup(loops.group())
              .workerEventLoopGroup(loops.group())
              .directExecutor();
      Limits.apply(builder);
      builder.addService(carrick());
      GrpcEdge.services(calls).forEach(builder::addService);
      server = builder.build().start();
      Endpoint bound = withPort(endpoint, server.getPort());
      return new GrpcListener(loops, bound, server, Objects.requireNonNull(channel.get()));
    } catch (IOException e) {
      if (server != null) {
        server.shutdownNow();
      }
      throw refused(e);
    }
  }

  private ServerServiceDefinition carrick() {
    List<ServerMethodDefinition<?, ?>> plain = GrpcEdge.methods(calls);
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(SessionMethod.SERVICE).addMethod(SessionMethod.DESCRIPTOR);
    plain.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(descriptor.build())
            .addMethod(SessionMethod.DESCRIPTOR, new SessionHandler(transport, loops, acceptor));
    plain.forEach(service::addMethod);
    return service.build();
  }

  private EndpointException refused(IOException e) {
    Throwable root = e.getCause() == null ? e : e.getCause();
    boolean inUse = root instanceof java.net.BindException;
    return new EndpointException(
        inUse ? StatusCode.ALREADY_EXISTS : StatusCode.FAILED_PRECONDITION,
        "cannot listen on "
            + endpoint
            + ": "
            + root.getMessage()
            + (inUse
                ? "; stop what listens there, or choose another port or an address of this host"
                : "; check the host, which must be one of this machine's"),
        e);
  }

  private static Endpoint withPort(Endpoint endpoint, int port) {
    URI uri = endpoint.uri();
    return uri.getPort() == port
        ? endpoint
        : Endpoint.parse(uri.getScheme() + "://" + uri.getHost() + ":" + port);
  }
}
