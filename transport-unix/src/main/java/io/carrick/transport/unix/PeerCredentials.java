package io.carrick.transport.unix;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** What the kernel says of the process at the other end of a socket. */
final class PeerCredentials {

  private static final boolean SUPPORTED = probe();

  private PeerCredentials() {}

  /** Whether this system knows the user of the other side. */
  static boolean supported() {
    return SUPPORTED;
  }

  /** The user of the other side; null where the system does not tell. */
  static @Nullable UserPrincipal userOf(SocketChannel channel) throws IOException {
    return SUPPORTED ? channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user() : null;
  }

  static PeerInfo peerInfo(Endpoint endpoint, @Nullable UserPrincipal user) {
    return user == null
        ? new PeerInfo(endpoint.toString(), Principal.NONE, SecurityLevel.NONE, true, false)
        : new PeerInfo(
            endpoint.toString(),
            new Principal("unix", user.getName()),
            SecurityLevel.MUTUAL,
            true,
            false);
  }

  private static boolean probe() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
