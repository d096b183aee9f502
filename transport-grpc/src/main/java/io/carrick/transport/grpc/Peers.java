package io.carrick.transport.grpc;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.PeerInfo;
import io.grpc.Attributes;
import io.grpc.Grpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** What is known of the other side of an HTTP/2 connection. */
final class Peers {

  private Peers() {}

  /**
   * The peer of a call, for sessions and plain calls alike.
   *
   * @param address for people and logs
   */
  static PeerInfo of(String address, Attributes attributes) {
    return new PeerInfo(address, Principal.NONE, SecurityLevel.NONE, false, false);
  }

  /** Where a client comes from, for people and logs. */
  static String addressOf(Attributes attributes) {
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (remote instanceof InetSocketAddress inet && !inet.isUnresolved()) {
      return inet.getAddress().getHostAddress() + ":" + inet.getPort();
    }
    return String.valueOf(remote);
  }
}
