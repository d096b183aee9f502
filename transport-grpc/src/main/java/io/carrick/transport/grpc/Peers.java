package io.carrick.transport.grpc;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.PeerInfo;
import io.carrick.tls.TlsPeers;
import io.carrick.unix.PeerCredentials;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.attribute.UserPrincipal;
import javax.net.ssl.SSLSession;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/** What is known of the other side of an HTTP/2 connection. */
final class Peers {

  private Peers() {}

  /** The client of a call, for sessions and plain calls alike. */
  static PeerInfo ofClient(Attributes attributes) {
    Channel channel = attributes.get(Guard.CHANNEL);
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    String address =
        remote instanceof InetSocketAddress inet && inet.getAddress() != null
            ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
            : "grpc+unix";
    return of(address, channel, attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
  }

  /**
   * The peer at the other end of a channel.
   *
   * @param address for people and logs
   * @param tls what TLS proved; null without TLS
   */
  static PeerInfo of(String address, @Nullable Channel channel, @Nullable SSLSession tls) {
    if (tls != null) {
      return TlsPeers.of(address, tls);
    }
    return channel instanceof NioDomainSocketChannel
        ? PeerCredentials.peerInfo(address, userOf(channel))
        : new PeerInfo(address, Principal.NONE, SecurityLevel.NONE, false, false);
  }

  /** The user of the other process; null where the system does not tell. */
  static @Nullable UserPrincipal userOf(Channel channel) {
    if (!PeerCredentials.supported()) {
      return null;
    }
    UnixDomainPrincipal peer =
        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    return peer == null ? null : peer.user();
  }
}
