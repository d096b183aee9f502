package io.carrick.core.select;

import io.carrick.AdvertisedEndpoints;
import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import io.carrick.spi.PeerInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which of the endpoints that a peer advertises may be dialled (docs/selection.md, "Advertised
 * endpoints"). It dials nothing itself, and asks the system only through its surroundings. Safe for
 * use by any thread.
 */
public final class AdvertisedPolicy {

  /** The most entries of one list that are looked at; the rest is ignored. */
  public static final int MAX_ENTRIES = 8;

  /** The longest entry that is looked at, in bytes. */
  public static final int MAX_BYTES = 255;

  private static final String UNIX = "unix";
  private static final Set<String> WITH_TLS = Set.of("grpcs", "https", "wss", "mqtts");

  private final AdvertisedEndpoints policy;
  private final List<Endpoint> configured;
  private final List<Path> directories;
  private final String user;
  private final Predicate<String> installed;
  private final Surroundings surroundings;
  private final List<HostPattern> patterns;

  /**
   * A policy for the remote with these endpoints.
   *
   * @param policy what the application permits
   * @param configured the endpoints of the remote
   * @param directories where Unix sockets may be
   * @param user who may own and serve them
   * @param installed whether a transport serves a scheme
   */
  public AdvertisedPolicy(
      AdvertisedEndpoints policy,
      List<Endpoint> configured,
      List<Path> directories,
      String user,
      Predicate<String> installed,
      Surroundings surroundings) {
    this.policy = policy;
    this.configured = List.copyOf(configured);
    this.directories = List.copyOf(directories);
    this.user = user;
    this.installed = installed;
    this.surroundings = surroundings;
    this.patterns = policy.patterns().stream().map(HostPattern::new).toList();
  }

  /**
   * What is known of the session that carried the advertisement.
   *
   * @param sameHost whether the peer proved to be on this host
   * @param address the address of its live connection, as its transport tells it
   */
  public record Source(boolean sameHost, String address) {}

  /**
   * The answer.
   *
   * @param dial where to connect: with the address that was checked in place of a name; null where
   *     it is refused
   * @param reason why it is refused; empty where it is not
   */
  public record Verdict(@Nullable Endpoint dial, String reason) {

    static Verdict refused(String reason) {
      return new Verdict(null, reason);
    }
  }

  /** The endpoints of a list that could be dialled at all: few, short, well-formed, no repeats. */
  public List<Endpoint> admissible(List<String> advertised) {
    Set<Endpoint> result = new LinkedHashSet<>();
    if (policy.scope() != AdvertisedEndpoints.Scope.NONE) {
      advertised.stream().limit(MAX_ENTRIES).forEach(text -> add(result, text));
    }
    result.removeAll(configured);
    return List.copyOf(result);
  }

  private void add(Set<Endpoint> result, String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return;
    }
    try {
      Endpoint endpoint = Endpoint.parse(text);
      if (malformed(endpoint).isEmpty()) {
        result.add(endpoint);
      }
    } catch (EndpointException e) {
      System.getLogger("io.carrick.sessions")
          .log(System.Logger.Level.DEBUG, "an advertised endpoint is no URI", e);
    }
  }

  private String malformed(Endpoint endpoint) {
    URI uri = endpoint.uri();
    if (uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || (uri.getRawAuthority() != null && uri.getRawAuthority().indexOf('@') >= 0)) {
      return "it carries user info, a query or a fragment";
    }
    if (!installed.test(endpoint.scheme())) {
      return "no transport for scheme " + endpoint.scheme() + " is installed";
    }
    return "";
  }

  /** Whether it may be dialled now; asks the system, and may block. */
  public Verdict check(Endpoint endpoint, Source source) {
    String malformed = malformed(endpoint);
    if (!malformed.isEmpty()) {
      return Verdict.refused(malformed);
    }
    if (policy.scope() == AdvertisedEndpoints.Scope.NONE) {
      return Verdict.refused("advertisedEndpoints is NONE");
    }
    try {
      return endpoint.scheme().equals(UNIX) ? socket(endpoint, source) : network(endpoint, source);
    } catch (IOException | InvalidPathException | SecurityException e) {
      return Verdict.refused("it could not be checked: " + e);
    }
  }

  private Verdict socket(Endpoint endpoint, Source source) throws IOException {
    if (!source.sameHost()) {
      return Verdict.refused("the peer did not prove to be on this host");
    }
    String text = endpoint.uri().getPath();
    if (endpoint.uri().isOpaque() || text == null || endpoint.uri().getRawAuthority() != null) {
      return Verdict.refused("it is no absolute path");
    }
    Path path = Path.of(text);
    Path parent = path.getParent();
    if (parent == null || !path.equals(path.normalize())) {
      return Verdict.refused("its path is not normal");
    }
    Path real = surroundings.realDirectory(parent);
    if (!allowed(real)) {
      return Verdict.refused(real + " is none of the directories " + directories);
    }
    // What is dialled is where the links lead now, and not what they may be turned to.
    Path file = real.resolve(path.getFileName().toString());
    Surroundings.FileFacts facts = surroundings.facts(file);
    if (!facts.socket()) {
      return Verdict.refused(file + " is no socket");
    }
    if (!facts.owner().equals(user)) {
      return Verdict.refused(file + " belongs to " + facts.owner() + " and not to " + user);
    }
    return new Verdict(Endpoint.parse(UNIX + ":" + file.toUri().getRawPath()), "");
  }

  private boolean allowed(Path real) {
    for (Path directory : directories) {
      try {
        if (real.equals(surroundings.realDirectory(directory))) {
          return true;
        }
      } catch (IOException absent) {
        // A directory that is not there allows nothing.
      }
    }
    return false;
  }

  private Verdict network(Endpoint endpoint, Source source) throws IOException {
    if (policy.scope() == AdvertisedEndpoints.Scope.SAME_HOST) {
      return Verdict.refused("only unix: sockets are dialled: see advertisedEndpoints");
    }
    URI uri = endpoint.uri();
    String host = HostPattern.hostOf(uri);
    if (host.isEmpty() || uri.getPort() < 1) {
      return Verdict.refused("it does not name a host and a port");
    }
    InetAddress literal = HostPattern.literal(host);
    if (literal == null && policy.scope() == AdvertisedEndpoints.Scope.SAME_NAME && !named(host)) {
      return Verdict.refused("no configured endpoint is on " + host);
    }
    List<InetAddress> found = literal == null ? surroundings.resolve(host) : List.of(literal);
    if (found.isEmpty()) {
      return Verdict.refused(host + " has no address");
    }
    InetAddress address = found.get(0);
    boolean permitted =
        policy.scope() == AdvertisedEndpoints.Scope.SAME_NAME
            ? named(host) || isLive(address, source) || isOfAName(address)
            : patterns.stream().anyMatch(p -> p.matches(host, address, uri.getPort()));
    if (!permitted) {
      return Verdict.refused(
          policy.scope() == AdvertisedEndpoints.Scope.SAME_NAME
              ? address.getHostAddress() + " is neither configured nor that of the connection"
              : "it matches none of " + policy.patterns());
    }
    if (isSpecial(address) && !configuredLiterally(address)) {
      return Verdict.refused(
          host + " is " + address.getHostAddress() + ", which leads to this host or link");
    }
    return new Verdict(at(uri, address, expectedName(endpoint)), "");
  }

  private boolean named(String host) {
    return configured.stream().anyMatch(e -> HostPattern.hostOf(e.uri()).equals(host));
  }

  private static boolean isLive(InetAddress address, Source source) {
    String text = source.address();
    int scheme = text.indexOf("://");
    String rest = scheme < 0 ? text : text.substring(scheme + 3);
    int colon = rest.lastIndexOf(':');
    InetAddress live = HostPattern.literal(colon < 0 ? rest : rest.substring(0, colon));
    return address.equals(live);
  }

  /**
   * Whether a configured name leads to it. A connection that was dialled by its name tells that and
   * no address.
   */
  private boolean isOfAName(InetAddress address) {
    return configured.stream()
        .map(e -> HostPattern.hostOf(e.uri()))
        .filter(host -> !host.isEmpty() && HostPattern.literal(host) == null)
        .anyMatch(host -> addresses(host).contains(address));
  }

  private List<InetAddress> addresses(String host) {
    try {
      return surroundings.resolve(host);
    } catch (IOException unknown) {
      return List.of(); // It leads nowhere at the moment.
    }
  }

  private static boolean isSpecial(InetAddress a) {
    return a.isLoopbackAddress()
        || a.isLinkLocalAddress()
        || a.isAnyLocalAddress()
        || a.isMulticastAddress()
        || (a.getAddress().length == 4 && (a.getAddress()[0] & 0xff) == 0)
        || (a.getAddress().length == 4 && (a.getAddress()[0] & 0xff) >= 240)
        || isTranslated(a.getAddress());
  }

  /** IPv6 that carries an IPv4 address in itself: what it leads to is not seen from here. */
  private static boolean isTranslated(byte[] a) {
    if (a.length != 16) {
      return false;
    }
    boolean compatible = true;
    for (int i = 0; i < 12; i++) {
      compatible &= a[i] == 0;
    }
    boolean nat64 = a[0] == 0 && a[1] == 0x64 && a[2] == (byte) 0xff && a[3] == (byte) 0x9b;
    boolean sixToFour = a[0] == 0x20 && a[1] == 0x02;
    return compatible || nat64 || sixToFour;
  }

  private boolean configuredLiterally(InetAddress address) {
    return configured.stream()
            .map(e -> HostPattern.literal(HostPattern.hostOf(e.uri())))
            .anyMatch(address::equals)
        || patterns.stream().anyMatch(p -> p.isLiterally(address));
  }

  /** The host that the application trusts with the service; null if it configured none. */
  private @Nullable String expectedName(Endpoint endpoint) {
    if (!WITH_TLS.contains(endpoint.scheme())) {
      return null;
    }
    return Stream.concat(
            configured.stream().filter(e -> WITH_TLS.contains(e.scheme())), configured.stream())
        .map(e -> HostPattern.hostOf(e.uri()))
        .filter(host -> !host.isEmpty())
        .findFirst()
        .orElse(null);
  }

  private static Endpoint at(URI uri, InetAddress address, @Nullable String serverName)
      throws IOException {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    String host = zone < 0 ? text : text.substring(0, zone);
    try {
      return new Endpoint(
          new URI(
              uri.getScheme(),
              null,
              host.indexOf(':') < 0 ? host : "[" + host + "]",
              uri.getPort(),
              uri.getRawPath(),
              null,
              null),
          serverName);
    } catch (URISyntaxException e) {
      throw new IOException(uri + " has no form with an address", e);
    }
  }

  /** Whether who answered at an advertised socket is who may serve it. */
  public boolean accepts(Endpoint dialled, PeerInfo peer) {
    return !dialled.scheme().equals(UNIX)
        || (peer.principal().kind().equals(UNIX) && peer.principal().name().equals(user));
  }
}
