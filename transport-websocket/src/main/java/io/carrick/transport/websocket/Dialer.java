package io.carrick.transport.websocket;

import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.NetworkFailures;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes one connection: tries the addresses of its host, and shakes hands on the first that takes
 * it. Touched only on its loop.
 */
final class Dialer {

  /** So long an address is tried alone (RFC 8305, section 5). */
  private static final Duration ALONE = Duration.ofMillis(250);

  /** So many addresses of a name are tried. */
  private static final int MOST_ADDRESSES = 16;

  private final Endpoint endpoint;
  private final WebSocketAddress address;
  private final EventLoop loop;
  private final @Nullable SslContext tls;
  private final String host;
  private final TransportLifecycle open;
  private final CompletableFuture<Connection> attempt;
  private final Bootstrap bootstrap;
  private List<InetAddress> addresses = List.of();
  private final List<Channel> sockets = new ArrayList<>();
  private int connecting;
  private boolean connected;

  private Dialer(
      Endpoint endpoint,
      Duration timeout,
      Loops loops,
      NettyTls tls,
      TransportLifecycle open,
      CompletableFuture<Connection> attempt) {
    this.endpoint = endpoint;
    this.address = WebSocketAddress.of(endpoint);
    this.loop = loops.group().next();
    this.tls = address.tls() ? tls.client(endpoint, ApplicationProtocolNames.HTTP_1_1) : null;
    String named = address.tls() ? tls.authority(endpoint, address.peer().port()) : null;
    this.host = named == null ? address.peer().authority() : named;
    this.open = open;
    this.attempt = attempt;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE))
            .handler(new ChannelInboundHandlerAdapter());
  }

  /**
   * Starts; what it fails with is told to the attempt.
   *
   * @throws io.carrick.EndpointException if the endpoint or the files of TLS cannot be used
   */
  static void start(
      Endpoint endpoint,
      Duration timeout,
      Loops loops,
      NettyTls tls,
      TransportLifecycle open,
      CompletableFuture<Connection> attempt) {
    Dialer dialer = new Dialer(endpoint, timeout, loops, tls, open, attempt);
    loops
        .names()
        .resolve(dialer.address.peer().host())
        .whenComplete(
            (found, failure) -> {
              if (found == null) {
                attempt.completeExceptionally(NetworkFailures.unresolved(endpoint, failure));
              } else {
                Loops.execute(dialer.loop, () -> dialer.begin(found));
              }
            });
  }

  private void begin(List<InetAddress> found) {
    addresses = found.subList(0, Math.min(MOST_ADDRESSES, found.size()));
    attempt.whenComplete(
        (connection, failure) -> {
          if (failure != null) {
            Loops.execute(loop, () -> sockets.forEach(Channel::close));
          }
        });
    next();
  }

  private void next() {
    if (attempt.isDone() || connected || sockets.size() == addresses.size()) {
      return;
    }
    connecting++;
    ChannelFuture connect = bootstrap.connect(addresses.get(sockets.size()), address.peer().port());
    sockets.add(connect.channel());
    connect.addListener(done -> tried(connect));
    Loops.later(loop, ALONE, this::next);
  }

  private void tried(ChannelFuture connect) {
    connecting--;
    if (!connect.isSuccess()) {
      next();
      if (connecting == 0 && !connected) {
        attempt.completeExceptionally(Failures.refused(endpoint, connect.cause()));
      }
    } else if (connected || attempt.isDone()) {
      connect.channel().close();
    } else {
      connected = true;
      shake(connect.channel());
    }
  }

  private void shake(Channel socket) {
    if (tls != null) {
      String name = host.substring(0, host.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
      SslHandler handler = tls.newHandler(socket.alloc(), name, address.peer().port());
      handler.setHandshakeTimeoutMillis(0); // The attempt has its own.
      socket.pipeline().addLast(handler);
    }
    new ClientHandshake(endpoint, host, open, attempt).begin(socket, tls != null);
  }
}
