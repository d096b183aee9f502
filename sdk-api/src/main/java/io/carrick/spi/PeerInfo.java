package io.carrick.spi;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a transport knows of the other side of a connection, from itself and never from the peer.
 * Immutable; built by name.
 */
public final class PeerInfo {

  private final String address;
  private final Principal principal;
  private final SecurityLevel security;
  private final boolean sameHost;
  private final boolean brokered;

  private PeerInfo(
      String address,
      Principal principal,
      SecurityLevel security,
      boolean sameHost,
      boolean brokered) {
    this.address = Objects.requireNonNull(address, "address");
    this.principal = Objects.requireNonNull(principal, "principal");
    this.security = Objects.requireNonNull(security, "security");
    this.sameHost = sameHost;
    this.brokered = brokered;
  }

  /** A peer of whom nothing else is known. */
  public static PeerInfo of(String address) {
    return new PeerInfo(address, Principal.NONE, SecurityLevel.NONE, false, false);
  }

  /** The same with another value of {@link #principal}. */
  public PeerInfo withPrincipal(Principal value) {
    return new PeerInfo(address, value, security, sameHost, brokered);
  }

  /** The same with another value of {@link #security}. */
  public PeerInfo withSecurity(SecurityLevel value) {
    return new PeerInfo(address, principal, value, sameHost, brokered);
  }

  /** The same with another value of {@link #sameHost}. */
  public PeerInfo withSameHost(boolean value) {
    return new PeerInfo(address, principal, security, value, brokered);
  }

  /** The same with another value of {@link #brokered}. */
  public PeerInfo withBrokered(boolean value) {
    return new PeerInfo(address, principal, security, sameHost, value);
  }

  /** For people and logs. */
  public String address() {
    return address;
  }

  /** The verified identity, or {@link Principal#NONE}. */
  public Principal principal() {
    return principal;
  }

  /** The level of this connection. */
  public SecurityLevel security() {
    return security;
  }

  /** Whether the kernel vouches that the peer is on this host. */
  public boolean sameHost() {
    return sameHost;
  }

  /** Whether a third party stores or forwards the frames. */
  public boolean brokered() {
    return brokered;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PeerInfo that
        && address.equals(that.address)
        && principal.equals(that.principal)
        && security.equals(that.security)
        && sameHost == that.sameHost
        && brokered == that.brokered;
  }

  @Override
  public int hashCode() {
    return Objects.hash(address, principal, security, sameHost, brokered);
  }

  @Override
  public String toString() {
    return "PeerInfo[address="
        + address
        + ", principal="
        + principal
        + ", security="
        + security
        + ", sameHost="
        + sameHost
        + ", brokered="
        + brokered
        + "]";
  }
}
