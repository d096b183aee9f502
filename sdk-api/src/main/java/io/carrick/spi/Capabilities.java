package io.carrick.spi;

import io.carrick.SecurityLevel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a transport promises of an endpoint before anybody has connected. Immutable; built by name.
 */
public final class Capabilities {

  private static final int MOST_COST = 100;

  private final SecurityLevel security;
  private final boolean authenticatesPeer;
  private final boolean sameHostOnly;
  private final boolean brokered;
  private final boolean durable;
  private final boolean httpProxies;
  private final int cost;

  private Capabilities(
      SecurityLevel security,
      boolean authenticatesPeer,
      boolean sameHostOnly,
      boolean brokered,
      boolean durable,
      boolean httpProxies,
      int cost) {
    this.security = Objects.requireNonNull(security, "security");
    this.authenticatesPeer = authenticatesPeer;
    this.sameHostOnly = sameHostOnly;
    this.brokered = brokered;
    this.durable = durable;
    this.httpProxies = httpProxies;
    this.cost = cost;
  }

  /** An endpoint with this level, of which nothing else is promised, at a cost of 100. */
  public static Capabilities of(SecurityLevel security) {
    return new Capabilities(security, false, false, false, false, false, MOST_COST);
  }

  /** The same with another value of {@link #authenticatesPeer}. */
  public Capabilities withAuthenticatesPeer(boolean value) {
    return new Capabilities(security, value, sameHostOnly, brokered, durable, httpProxies, cost);
  }

  /** The same with another value of {@link #sameHostOnly}. */
  public Capabilities withSameHostOnly(boolean value) {
    return new Capabilities(
        security, authenticatesPeer, value, brokered, durable, httpProxies, cost);
  }

  /** The same with another value of {@link #brokered}. */
  public Capabilities withBrokered(boolean value) {
    return new Capabilities(
        security, authenticatesPeer, sameHostOnly, value, durable, httpProxies, cost);
  }

  /** The same with another value of {@link #durable}. */
  public Capabilities withDurable(boolean value) {
    return new Capabilities(
        security, authenticatesPeer, sameHostOnly, brokered, value, httpProxies, cost);
  }

  /** The same with another value of {@link #httpProxies}. */
  public Capabilities withHttpProxies(boolean value) {
    return new Capabilities(
        security, authenticatesPeer, sameHostOnly, brokered, durable, value, cost);
  }

  /** The same with another value of {@link #cost}. */
  public Capabilities withCost(int value) {
    return new Capabilities(
        security, authenticatesPeer, sameHostOnly, brokered, durable, httpProxies, value);
  }

  /**
   * The level that its connections reach; over a network {@link SecurityLevel#MUTUAL} only if the
   * other side asks for an identity, which is looked at after connecting.
   */
  public SecurityLevel security() {
    return security;
  }

  /** Whether {@link PeerInfo#principal()} is a verified identity. */
  public boolean authenticatesPeer() {
    return authenticatesPeer;
  }

  /** Whether it reaches this host only. */
  public boolean sameHostOnly() {
    return sameHostOnly;
  }

  /** Whether a third party stores or forwards the frames. */
  public boolean brokered() {
    return brokered;
  }

  /** Whether a message survives the absence of its receiver. */
  public boolean durable() {
    return durable;
  }

  /** Whether it passes HTTP proxies. */
  public boolean httpProxies() {
    return httpProxies;
  }

  /** Its place among paths of which nothing was measured, 0 (cheapest) to 100. */
  public int cost() {
    return cost;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Capabilities that
        && security.equals(that.security)
        && authenticatesPeer == that.authenticatesPeer
        && sameHostOnly == that.sameHostOnly
        && brokered == that.brokered
        && durable == that.durable
        && httpProxies == that.httpProxies
        && cost == that.cost;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        security, authenticatesPeer, sameHostOnly, brokered, durable, httpProxies, cost);
  }

  @Override
  public String toString() {
    return "Capabilities[security="
        + security
        + ", authenticatesPeer="
        + authenticatesPeer
        + ", sameHostOnly="
        + sameHostOnly
        + ", brokered="
        + brokered
        + ", durable="
        + durable
        + ", httpProxies="
        + httpProxies
        + ", cost="
        + cost
        + "]";
  }
}
