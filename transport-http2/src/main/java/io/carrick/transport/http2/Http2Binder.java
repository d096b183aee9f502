package io.carrick.transport.http2;

import io.carrick.PeerLimits;
import io.carrick.netty.Guards;
import io.carrick.netty.ListeningSocket;
import io.carrick.netty.Loops;
import io.carrick.netty.NettyTls;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.TransportLifecycle;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes a server of an endpoint. */
record Http2Binder(TransportLifecycle open, Loops loops, NettyTls tls, PeerLimits limits) {

  /**
   * Binds; blocks until it is done.
   *
   * @throws io.carrick.EndpointException if that cannot be, with nothing left bound
   */
  Http2Listener bind(Endpoint endpoint, Http2Address address, Acceptor acceptor) {
    @Nullable SslContext secure =
        address.tls()
            ? tls.server(endpoint, Http2Address.PLAIN + "://", ApplicationProtocolNames.HTTP_2)
            : null;
    ListeningSocket socket =
        ListeningSocket.tcp(endpoint, address.peer(), new Guards(address.tls(), limits));
    Throwable failure =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(socket::channel)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Connections(open, acceptor, secure))
            .bind(socket.local())
            .awaitUninterruptibly()
            .cause();
    if (failure != null) {
      throw socket.failed(new IOException(failure));
    }
    return new Http2Listener(open, loops, socket);
  }
}
