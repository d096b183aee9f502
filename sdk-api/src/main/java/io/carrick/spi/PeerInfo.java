package io.carrick.spi;

import io.carrick.Principal;
import io.carrick.SecurityLevel;

/**
 * What a transport knows of the other side of a connection, from itself and never from the peer.
 *
 * @param address for people and logs
 * @param principal the verified identity, or {@link Principal#NONE}
 * @param security the level of this connection
 * @param sameHost whether the kernel vouches that the peer is on this host
 * @param brokered whether a third party stores or forwards the frames
 */
public record PeerInfo(
    String address,
    Principal principal,
    SecurityLevel security,
    boolean sameHost,
    boolean brokered) {}
