package io.carrick.netty;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/** Whether a connection to a loopback address was meant for it (DNS rebinding). */
public final class LocalHost {

  /** What is answered where it was not. */
  public static final String REFUSAL =
      "a name that is not of this host leads here: a proxy in front of a loopback address sends"
          + " Host: localhost";

  /** Hosts that no foreign DNS answers for. */
  private static final Pattern LOCAL =
      Pattern.compile("(localhost|.*\\.localhost|\\d+\\.\\d+\\.\\d+\\.\\d+|\\[.*\\])(:\\d*)?");

  private LocalHost() {}

  /**
   * Whether a request may be for this host: it did not come to a loopback address, or says one.
   *
   * @param host its header of this name
   */
  public static boolean mayBe(HttpPeer peer, String host) {
    boolean loopback =
        peer.connection().localAddress() instanceof InetSocketAddress local
            && local.getAddress().isLoopbackAddress();
    return !loopback || LOCAL.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }
}
