package io.carrick.spi;

import io.carrick.SecurityLevel;

/**
 * What a transport promises of an endpoint before anybody has connected.
 *
 * @param security the level that its connections reach; over a network {@link SecurityLevel#MUTUAL}
 *     only if the other side asks for an identity, which is looked at after connecting
 * @param authenticatesPeer whether {@link PeerInfo#principal()} is a verified identity
 * @param sameHostOnly whether it reaches this host only
 * @param brokered whether a third party stores or forwards the frames
 * @param durable whether a message survives the absence of its receiver
 * @param httpProxies whether it passes HTTP proxies
 * @param cost its place among paths of which nothing was measured, 0 (cheapest) to 100
 */
public record Capabilities(
    SecurityLevel security,
    boolean authenticatesPeer,
    boolean sameHostOnly,
    boolean brokered,
    boolean durable,
    boolean httpProxies,
    int cost) {}
