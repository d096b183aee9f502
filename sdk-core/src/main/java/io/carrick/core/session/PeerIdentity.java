package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.spi.PeerInfo;
import java.util.List;

/**
 * Who is at the other end of a session.
 *
 * @param service the name that it bears
 * @param instance 32 hexadecimal digits
 * @param principal fixed when the session began
 * @param contentTypes what it can encode and decode, best first
 * @param maxMessageBytes the largest message that it takes
 * @param path what the transport knows of the connection
 */
public record PeerIdentity(
    String service,
    String instance,
    Principal principal,
    List<String> contentTypes,
    long maxMessageBytes,
    PeerInfo path) {}
