package io.carrick.unix;

import io.carrick.EndpointException;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** What the kernel says of the process at the other end of a socket. Any thread. */
public final class PeerCredentials {

  private static final boolean SUPPORTED = probe();

  private PeerCredentials() {}

  /** Whether this system knows the user of the other side. */
  public static boolean supported() {
    return SUPPORTED;
  }

  /** The user of the other side; null where the system does not tell. */
  public static @Nullable UserPrincipal userOf(SocketChannel channel) throws IOException {
    return SUPPORTED ? channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user() : null;
  }

  /** What a connection tells of its peer; a user that is not known is nobody. */
  public static PeerInfo peerInfo(String address, @Nullable UserPrincipal user) {
    return user == null
        ? PeerInfo.of(address).withSameHost(true)
        : PeerInfo.of(address)
            .withPrincipal(new Principal("unix", user.getName()))
            .withSecurity(SecurityLevel.MUTUAL)
            .withSameHost(true);
  }

  /**
   * Refuses a server that is not the owner of its socket's file.
   *
   * @throws EndpointException with PERMISSION_DENIED, naming both users
   */
  public static void requireOwner(
      Endpoint endpoint, @Nullable UserPrincipal server, UserPrincipal owner) {
    if (server != null && !server.equals(owner)) {
      throw new EndpointException(
          StatusCode.PERMISSION_DENIED,
          "cannot trust "
              + endpoint
              + ": user "
              + server.getName()
              + " serves a socket that user "
              + owner.getName()
              + " owns; let the service's own user create the file",
          null);
    }
  }

  private static boolean probe() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
