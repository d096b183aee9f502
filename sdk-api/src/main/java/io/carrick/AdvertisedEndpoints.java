package io.carrick;

import java.util.List;
import java.util.Objects;

/**
 * Which endpoints that a service advertises inside a session a client may dial, beside those that
 * it was configured with. An advertisement is a hint and no authority: each is checked before each
 * attempt, and only the instance that has the session can take it. Immutable.
 *
 * <p>A Unix socket is dialled only if the peer proved to be on this host, and only in a directory
 * of a {@code unix:} endpoint of this messenger, in {@code /run/carrick} or in {@code
 * $XDG_RUNTIME_DIR/carrick}; it must be a socket, no link, and owned and served by the user of this
 * process. A network endpoint is resolved once, checked and dialled as that address; loopback,
 * link-local, multicast and unspecified addresses are dialled only if they were configured
 * literally.
 */
public final class AdvertisedEndpoints {

  /** How far it goes. */
  public enum Scope {
    /** Nothing is dialled. */
    NONE,
    /** Unix sockets of this host. */
    SAME_HOST,
    /**
     * Also network endpoints on the host of a configured endpoint, by its name or an address that
     * it leads to, or on that of the live connection.
     */
    SAME_NAME,
    /** Unix sockets of this host, and network endpoints that match a pattern. */
    LISTED
  }

  /** The most patterns: 64. */
  public static final int MAX_PATTERNS = 64;

  /** Nothing that is advertised is dialled. */
  public static final AdvertisedEndpoints NONE = new AdvertisedEndpoints(Scope.NONE, List.of());

  /** Unix sockets of this host; the default. */
  public static final AdvertisedEndpoints SAME_HOST =
      new AdvertisedEndpoints(Scope.SAME_HOST, List.of());

  /** Also network endpoints on the host of a configured endpoint, or of the live connection. */
  public static final AdvertisedEndpoints SAME_NAME =
      new AdvertisedEndpoints(Scope.SAME_NAME, List.of());

  private final Scope scope;
  private final List<String> patterns;

  private AdvertisedEndpoints(Scope scope, List<String> patterns) {
    this.scope = scope;
    this.patterns = List.copyOf(patterns);
  }

  /**
   * Unix sockets of this host, and network endpoints that match a pattern: {@code host:port}, where
   * the host is a name, {@code *.name} for all names below it, an address or a block of addresses
   * ({@code 10.1.0.0/16}, {@code [fd00::/8]}), and the port is 1 to 65535 or {@code *}. All hosts
   * at once have no pattern: an instance that advertises them would choose who is dialled.
   *
   * @throws IllegalArgumentException if there is no pattern, more than {@value #MAX_PATTERNS}, or
   *     one of another form; it names the pattern and what is wrong
   */
  public static AdvertisedEndpoints listed(String... patterns) {
    if (patterns.length == 0 || patterns.length > MAX_PATTERNS) {
      throw new IllegalArgumentException(
          patterns.length + " patterns were given: 1 to " + MAX_PATTERNS);
    }
    for (String pattern : patterns) {
      HostAndPort.check(Objects.requireNonNull(pattern, "pattern"));
    }
    return new AdvertisedEndpoints(Scope.LISTED, List.of(patterns));
  }

  /** How far it goes. */
  public Scope scope() {
    return scope;
  }

  /** The patterns of {@link Scope#LISTED}; empty otherwise. */
  public List<String> patterns() {
    return patterns;
  }

  @Override
  public String toString() {
    return patterns.isEmpty() ? scope.name() : scope + patterns.toString();
  }
}
