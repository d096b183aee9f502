package io.carrick.transport.grpc;

import io.carrick.netty.ListenLimits;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Endpoint;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connection of one client, with all that gRPC would do by itself off: it neither
 * retries nor reconnects for long, keeps nothing alive and asks no proxy. The session does that.
 */
final class Outbound {

  /** How long an address is tried at least where the name has more: 1 s, which is one SYN more. */
  private static final int LEAST_SHARE_MILLIS = 1_000;

  private final ManagedChannel grpc;
  private final CompletableFuture<Integer> resolved = new CompletableFuture<>();
  private volatile @Nullable Channel socket;

  private Outbound(
      NettyChannelBuilder builder,
      GrpcAddress address,
      EventLoop loop,
      Loops loops,
      TransportConfig config,
      @Nullable SslContext tls,
      @Nullable String authority) {
    boolean unix = address.path() != null;
    if (unix) {
      resolved.complete(1);
    }
    int timeoutMillis = (int) config.connectTimeout().toMillis();
    builder
        .channelFactory(
            () ->
                remember(
                    unix ? new NioDomainSocketChannel() : new NioSocketChannel(), timeoutMillis),
            unix ? UnixDomainSocketAddress.class : InetSocketAddress.class)
        .eventLoopGroup(loop)
        .directExecutor()
        .offloadExecutor(Runnable::run) // Nothing of gRPC blocks: names are looked up elsewhere.
        .disableRetry()
        .disableServiceConfigLookUp()
        .proxyDetector(target -> null)
        .flowControlWindow(ListenLimits.WINDOW_BYTES)
        .maxInboundMetadataSize(Limits.METADATA_BYTES)
        .maxInboundMessageSize(SessionMethod.MAX_BATCH_BYTES);
    if (tls == null) {
      builder.negotiationType(NegotiationType.PLAINTEXT);
    } else {
      builder.sslContext(tls);
    }
    if (authority != null) {
      builder.overrideAuthority(authority);
    }
    HostPort peer = address.peer();
    if (peer != null) {
      useNames(builder, new PeerNames(loops.names(), peer, resolved));
    } else {
      // gRPC sets it on every socket, and Netty warns of each that has no such option.
      builder.overrideAuthority("localhost").withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    grpc = builder.build();
  }

  /**
   * Prepares a connection; the first call opens it.
   *
   * @throws io.carrick.EndpointException if it needs TLS, whose files cannot be used
   */
  static Outbound to(
      Endpoint endpoint,
      GrpcAddress address,
      EventLoop loop,
      Loops loops,
      TransportConfig config,
      NettyTls tls) {
    HostPort peer = address.peer();
    NettyChannelBuilder builder =
        address.path() == null
            ? NettyChannelBuilder.forTarget("dns:///peer") // The resolver knows the address.
            : NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(address.path()));
    return peer != null && address.tls()
        ? new Outbound(
            builder,
            address,
            loop,
            loops,
            config,
            tls.client(endpoint, ApplicationProtocolNames.HTTP_2),
            tls.authority(endpoint, peer.port()))
        : new Outbound(builder, address, loop, loops, config, null, null);
  }

  ManagedChannel grpc() {
    return grpc;
  }

  /** The socket that was opened last; null before. */
  @Nullable Channel socket() {
    return socket;
  }

  /** Whether the address of the peer is known, as it is where it needs no name. */
  boolean isResolved() {
    return resolved.isDone();
  }

  @SuppressWarnings("deprecation") // The other way is a registry for all channels of the process.
  private static void useNames(NettyChannelBuilder builder, NameResolver.Factory names) {
    builder.nameResolverFactory(names);
  }

  private Channel remember(Channel created, int timeoutMillis) {
    // An address that is silent leaves time for the next ones. The builder has no such option, or
    // it
    // would overwrite this one.
    int share = timeoutMillis / resolved.getNow(1);
    created
        .config()
        .setConnectTimeoutMillis(Math.max(Math.min(timeoutMillis, LEAST_SHARE_MILLIS), share));
    socket = created;
    return created;
  }
}
