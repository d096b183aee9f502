package io.carrick.netty;

import io.carrick.EndpointException;
import io.carrick.PeerLimits;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A bound socket of HTTP, and the endpoints that share it. Safe for any thread. */
final class HttpSocket {

  /** What binding may take. */
  static final int BIND_MILLIS = 10_000;

  private final ListeningSocket socket;
  private final Loops loops;
  private final @Nullable SslContext tls;
  private final InetSocketAddress local;
  private final CopyOnWriteArrayList<HttpEndpoint> endpoints = new CopyOnWriteArrayList<>();
  private volatile boolean over;

  // No more than ListenLimits.CONNECTIONS.
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();

  private HttpSocket(ListeningSocket socket, Loops loops, @Nullable SslContext tls) {
    this.socket = socket;
    this.loops = loops;
    this.tls = tls;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(socket::channel)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accept(accepted);
                  }
                })
            .bind(socket.local());
    if (!bound.awaitUninterruptibly(BIND_MILLIS) || !bound.isSuccess()) {
      bound.channel().close();
      throw socket.failed(
          bound.cause() instanceof Exception e
              ? e
              : new IllegalStateException("it was not bound in " + BIND_MILLIS + " ms"));
    }
    try {
      socket.bound(() -> over = true);
      this.local = (InetSocketAddress) socket.channel().localAddress();
    } catch (RuntimeException | Error e) {
      bound.channel().close();
      throw e;
    }
  }

  /**
   * Binds; blocks until it is done.
   *
   * @param tls null for none
   * @throws EndpointException if that cannot be
   */
  static HttpSocket bind(
      Endpoint endpoint,
      InetSocketAddress local,
      PeerLimits limits,
      Loops loops,
      @Nullable NettyTls tls) {
    SslContext secure =
        tls == null
            ? null
            : tls.server(
                endpoint,
                endpoint.scheme().replaceFirst("s$", "") + "://",
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1);
    ListeningSocket socket =
        ListeningSocket.tcp(
            endpoint, local, new Guards(secure != null, true, limits, accepted -> {}));
    return new HttpSocket(socket, loops, secure);
  }

  /** What it is bound to. */
  InetSocketAddress local() {
    return local;
  }

  /** Whether nobody listens any more. */
  boolean isOver() {
    return over;
  }

  /** One more endpoint listens here. */
  synchronized HttpEndpoint join(Endpoint endpoint, boolean secure, List<HttpTaker> takers) {
    if (over) {
      throw cannotListen(endpoint, "what listened there is being closed", "try again");
    }
    if (secure != (tls != null)) {
      throw cannotListen(
          endpoint,
          "its port is in use " + (secure ? "without TLS" : "with TLS"),
          "choose another port");
    }
    for (HttpEndpoint other : endpoints) {
      if (other.endpoint().scheme().equals(endpoint.scheme())) {
        throw cannotListen(
            endpoint,
            "it is in use by this messenger",
            "stop what listens there, or choose another port");
      }
    }
    HttpEndpoint joined =
        new HttpEndpoint(this, HostPort.withPort(endpoint, local.getPort()), takers);
    endpoints.add(joined);
    return joined;
  }

  /** One endpoint less; the last one closes the socket. */
  void leave(HttpEndpoint endpoint) {
    boolean last;
    synchronized (this) {
      last = endpoints.remove(endpoint) && endpoints.isEmpty();
      over |= last;
    }
    if (last) {
      socket.closing();
      socket.channel().close();
      connections.forEach(HttpConnection::drain);
      socket.awaitUnbound(loops);
    }
  }

  /** Who takes a request; null for nobody. What asks for an upgrade is first offered as one. */
  @Nullable HttpTaker find(HttpHead head) {
    HttpTaker upgrades = head.upgrade().isEmpty() ? null : find(head, true);
    return upgrades == null ? find(head, false) : upgrades;
  }

  private @Nullable HttpTaker find(HttpHead head, boolean upgrade) {
    for (HttpEndpoint endpoint : endpoints) {
      for (HttpTaker taker : endpoint.takers()) {
        boolean possible =
            upgrade
                ? taker instanceof HttpTaker.OfUpgrades
                : taker instanceof HttpTaker.OfRequests
                    || (taker instanceof HttpTaker.OfStreams && head.http2());
        if (possible && taker.takes(head)) {
          return taker;
        }
      }
    }
    return null;
  }

  /** Ends its connections. */
  void cut() {
    connections.forEach(HttpConnection::cut);
  }

  private void accept(Channel accepted) {
    HttpConnection connection = new HttpConnection(this, accepted);
    connections.add(connection);
    accepted.closeFuture().addListener(closed -> connections.remove(connection));
    connection.begin(tls);
  }

  static EndpointException cannotListen(Endpoint endpoint, String why, String remedy) {
    return new EndpointException(
        StatusCode.ALREADY_EXISTS,
        "cannot listen on " + endpoint + ": " + why + "; " + remedy,
        null);
  }
}
