package io.carrick.netty;

import io.carrick.PeerLimits;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/**
 * How the connections of a listener are guarded.
 *
 * @param tls whether peers have to finish TLS first
 * @param http whether they may speak any version of HTTP, and their codec says when they have
 *     begun; else they begin with HTTP/2
 * @param limits of peers that are not known
 * @param each what is done with each accepted connection before anything is read of it, on the loop
 *     of the listener
 */
public record Guards(boolean tls, boolean http, PeerLimits limits, Consumer<Channel> each) {

  /** Guards of connections that speak HTTP/2 and nothing else. */
  public Guards(boolean tls, PeerLimits limits, Consumer<Channel> each) {
    this(tls, false, limits, each);
  }

  /** Guards of connections that nothing is done with. */
  public Guards(boolean tls, PeerLimits limits) {
    this(tls, limits, accepted -> {});
  }
}
