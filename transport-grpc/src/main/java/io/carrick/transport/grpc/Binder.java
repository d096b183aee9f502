package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.unix.SocketFile;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a server of an endpoint. */
final class Binder {

  private final GrpcTransport transport;
  private final Loops loops;
  private final Endpoint endpoint;
  private final Acceptor acceptor;
  private final GrpcEdge edge;
  private final Tls tls;
  private final PeerLimits limits;

  Binder(
      GrpcTransport transport,
      Loops loops,
      Endpoint endpoint,
      Acceptor acceptor,
      GrpcEdge edge,
      Tls tls,
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
    if (address.path() != null) {
      SocketFile file = SocketFile.bind(endpoint);
      try {
        return start(
            UnixDomainSocketAddress.of(address.path()),
            new NioServerDomainSocketChannel(file.channel()),
            file,
            null);
      } catch (IOException | RuntimeException e) {
        file.close();
        throw refused(e);
      }
    }
    SslContext secure = address.tls() ? tls.server(endpoint) : null;
    try {
      ServerSockets.touch();
      InetAddress host = InetAddress.getByName(address.host());
      return start(new InetSocketAddress(host, address.port()), ServerSockets.tcp(), null, secure);
    } catch (IOException e) {
      throw refused(e);
    }
  }

  private GrpcListener start(
      SocketAddress local,
      ServerChannel socket,
      @Nullable SocketFile file,
      @Nullable SslContext secure)
      throws IOException {
    Gate gate = new Gate(endpoint, file != null, limits);
    socket.pipeline().addFirst(gate);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(local)
            .channelFactory(() -> socket)
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .directExecutor();
    if (file != null) {
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
      throw e;
    }
    Endpoint bound = file == null ? withPort(endpoint, server.getPort()) : endpoint;
    return new GrpcListener(loops, bound, server, edge, gate.doorstep(), socket, file);
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

  private EndpointException refused(Exception e) {
    Throwable root = e.getCause() == null ? e : e.getCause();
    String why = String.valueOf(root.getMessage());
    // The JDK has one class for all of them, and tells them apart by the system's text alone.
    StatusCode code = StatusCode.FAILED_PRECONDITION;
    String remedy = "check host and port: the address must be one of this host's";
    if (root instanceof BindException && why.contains("in use")) {
      code = StatusCode.ALREADY_EXISTS;
      remedy = "stop what listens there, or choose another port";
    } else if (root instanceof BindException && why.contains("ermission denied")) {
      code = StatusCode.PERMISSION_DENIED;
      remedy = "choose a port above 1023, or let this user have lower ones";
    }
    return new EndpointException(
        code, "cannot listen on " + endpoint + ": " + why + "; " + remedy, e);
  }

  private static Endpoint withPort(Endpoint endpoint, int port) {
    URI uri = endpoint.uri();
    String authority = uri.getRawAuthority();
    return authority.endsWith(":" + port)
        ? endpoint
        : Endpoint.parse(
            uri.getScheme()
                + "://"
                + authority.substring(0, authority.lastIndexOf(':') + 1)
                + port);
  }
}
