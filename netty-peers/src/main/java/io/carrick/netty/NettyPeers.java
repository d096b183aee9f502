package io.carrick.netty;

import io.carrick.spi.PeerInfo;
import io.carrick.tls.TlsPeers;
import io.carrick.unix.PeerCredentials;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.nio.file.attribute.UserPrincipal;
import javax.net.ssl.SSLSession;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/** What is known of the other side of a connection. */
public final class NettyPeers {

  private NettyPeers() {}

  /**
   * The peer at the other end of a channel.
   *
   * @param address for people and logs
   * @param tls what TLS proved; null without TLS
   */
  public static PeerInfo of(String address, @Nullable Channel channel, @Nullable SSLSession tls) {
    if (tls != null) {
      return TlsPeers.of(address, tls);
    }
    return channel instanceof NioDomainSocketChannel
        ? PeerCredentials.peerInfo(address, userOf(channel))
        : PeerInfo.of(address);
  }

  /** The user of the other process; null where the system does not tell. */
  public static @Nullable UserPrincipal userOf(Channel channel) {
    if (!PeerCredentials.supported()) {
      return null;
    }
    UnixDomainPrincipal peer =
        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    return peer == null ? null : peer.user();
  }
}
