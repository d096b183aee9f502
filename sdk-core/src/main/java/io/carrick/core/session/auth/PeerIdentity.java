package io.carrick.core.session.auth;

import io.carrick.Principal;
import io.carrick.spi.PeerInfo;
import java.util.List;

/**
 * Who is at the other end of a session.
 *
 * @param service the name that it bears
 * @param instance 32 hexadecimal digits
 * @param principal fixed when the session began; none for good once a path did not show it (R15)
 * @param contentTypes what it can encode and decode, best first
 * @param encodings what it can decompress
 * @param maxMessageBytes the largest message that it takes
 * @param path what the transport knew of the connection on which the principal was fixed
 */
public record PeerIdentity(
    String service,
    String instance,
    Principal principal,
    List<String> contentTypes,
    List<String> encodings,
    long maxMessageBytes,
    PeerInfo path) {

  /** The same, of whom nobody knows any more who it is, where the path is another one. */
  public PeerIdentity asNobody(PeerInfo to) {
    PeerInfo shown =
        PeerInfo.of(to.address())
            .withSecurity(to.security())
            .withSameHost(to.sameHost())
            .withBrokered(to.brokered());
    return new PeerIdentity(
        service, instance, Principal.NONE, contentTypes, encodings, maxMessageBytes, shown);
  }
}
