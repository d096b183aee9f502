package io.carrick.netty;

import io.carrick.spi.PeerInfo;
import io.netty.channel.Channel;

/** Who is at the other end of a connection of an HTTP port. For its event loop. */
public interface HttpPeer {

  /** What TLS proved of it. */
  PeerInfo info();

  /**
   * The guard of its connection. Until {@link Door#admit} little is read of it, and it may not have
   * much open; who never becomes known is closed.
   */
  Door door();

  /** Its connection, which may carry other streams, too. */
  Channel connection();
}
