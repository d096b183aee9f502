package io.carrick;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a messenger proves who it is over TLS, and whom it believes; one for all network transports.
 * They speak TLS 1.3 (RFC 8446). A client always checks that the certificate of a service is for
 * the host that it dialled (RFC 9525); there is no way to switch that off.
 *
 * <p>Files are read when the first endpoint needs them, and again once they have changed: a
 * handshake looks at most once a second. Files that cannot be read then, are reported in the log,
 * and those read before stay in use. Connections that are open stay as they are. Revocation lists
 * are not consulted: let certificates be short-lived. Immutable.
 */
public final class TlsConfig {

  /** Whether a service asks its clients for a certificate. */
  public enum ClientAuthentication {
    /** It does not ask; clients have no identity. */
    NONE,
    /** It asks; a client without one is nobody, one with a bad one is refused. */
    OPTIONAL,
    /** A client without a good one is refused. */
    REQUIRED
  }

  /**
   * Files with certificates and keys.
   *
   * @param file PEM if there is no password, otherwise a key store of a type that the JVM knows,
   *     for instance PKCS #12
   * @param key the private key that belongs to the first certificate of a PEM file; null for others
   * @param password of the key store and its keys; null for PEM
   */
  public record Source(Path file, @Nullable Path key, @Nullable String password) {

    /** Without the password. */
    @Override
    public String toString() {
      return key == null ? file.toString() : file + " with " + key;
    }
  }

  /** Believes the authorities that the JVM believes, and has no identity itself. */
  public static final TlsConfig SYSTEM = builder().build();

  private final @Nullable Source identity;
  private final @Nullable Source trust;
  private final ClientAuthentication clientAuthentication;
  private final @Nullable String serverName;

  private TlsConfig(Builder builder) {
    this.identity = builder.identity;
    this.trust = builder.trust;
    this.clientAuthentication = builder.clientAuthentication;
    this.serverName = builder.serverName;
  }

  /** Begins with what {@link #SYSTEM} has. */
  public static Builder builder() {
    return new Builder();
  }

  /** The own certificates and key; null if there are none. */
  public @Nullable Source identity() {
    return identity;
  }

  /** The authorities to believe; null for those of the JVM. */
  public @Nullable Source trust() {
    return trust;
  }

  /** Whether a service asks its clients for a certificate. */
  public ClientAuthentication clientAuthentication() {
    return clientAuthentication;
  }

  /** The name that certificates of services must be for; null for the host of the endpoint. */
  public @Nullable String serverName() {
    return serverName;
  }

  @Override
  public String toString() {
    return "TlsConfig[identity="
        + (identity == null ? "none" : identity)
        + ", trust="
        + (trust == null ? "of the JVM" : trust)
        + ", clientAuthentication="
        + clientAuthentication
        + (serverName == null ? "" : ", serverName=" + serverName)
        + "]";
  }

  /** Collects the settings. Not safe for use by several threads. */
  public static final class Builder {

    private @Nullable Source identity;
    private @Nullable Source trust;
    private ClientAuthentication clientAuthentication = ClientAuthentication.NONE;
    private @Nullable String serverName;

    private Builder() {}

    /**
     * The own identity from PEM files (RFC 7468).
     *
     * @param certificates the own certificate first, then those between it and the authority
     * @param key its private key, PKCS #8 without a password ({@code BEGIN PRIVATE KEY})
     */
    public Builder identity(Path certificates, Path key) {
      identity =
          new Source(Objects.requireNonNull(certificates), Objects.requireNonNull(key), null);
      return this;
    }

    /** The own identity: the only key entry of a key store. */
    public Builder identityStore(Path store, String password) {
      identity = new Source(Objects.requireNonNull(store), null, Objects.requireNonNull(password));
      return this;
    }

    /** The authorities to believe, from a PEM file, in place of those of the JVM. */
    public Builder trust(Path certificates) {
      trust = new Source(Objects.requireNonNull(certificates), null, null);
      return this;
    }

    /** The authorities to believe: the certificate entries of a key store. */
    public Builder trustStore(Path store, String password) {
      trust = new Source(Objects.requireNonNull(store), null, Objects.requireNonNull(password));
      return this;
    }

    /** Whether a service asks its clients for a certificate; NONE by default. */
    public Builder clientAuthentication(ClientAuthentication value) {
      clientAuthentication = Objects.requireNonNull(value);
      return this;
    }

    /**
     * The DNS name or IP address that certificates of services must be for, where endpoints name
     * them otherwise, for instance by their addresses. By default the host of the endpoint.
     */
    public Builder serverName(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("serverName is empty: name a DNS name or an IP address");
      }
      serverName = name;
      return this;
    }

    /**
     * The settings.
     *
     * @throws IllegalArgumentException if clients are asked for certificates and no authority for
     *     them is named: any customer of a public authority would be let in
     */
    public TlsConfig build() {
      if (clientAuthentication != ClientAuthentication.NONE && trust == null) {
        throw new IllegalArgumentException(
            "clientAuthentication "
                + clientAuthentication
                + " needs the authorities that sign your clients' certificates: set trust(...) or"
                + " trustStore(...)");
      }
      return new TlsConfig(this);
    }
  }
}
