package io.carrick.transport.support;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host and the port of an endpoint, {@code scheme://host:port}.
 *
 * @param host as in the URI, an IPv6 address in brackets
 * @param port 0 to 65,535
 */
public record HostPort(String host, int port) {

  private static final int MAX_PORT = 65_535;

  // As RFC 3986 has it, and with the underscore that names in containers may have.
  private static final Pattern NAMED =
      Pattern.compile(
          "([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9.])?|\\[[^\\]@]+]):(\\d{1,6})");

  private static final Pattern ZONE = Pattern.compile("%[^]]*");

  /**
   * What an endpoint names.
   *
   * @param forms how endpoints of the transport are written, for who wrote another one
   * @throws EndpointException if it names no host and port, or says more than that
   */
  public static HostPort of(Endpoint endpoint, String forms) {
    URI uri = endpoint.uri();
    Matcher named = NAMED.matcher(String.valueOf(uri.getRawAuthority()));
    if (!named.matches() || Integer.parseInt(named.group(2)) > MAX_PORT) {
      throw bad(endpoint, "does not name a host and a port of 0 to 65535", forms);
    }
    if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(endpoint, "carries a path, query or fragment", forms);
    }
    return new HostPort(named.group(1), Integer.parseInt(named.group(2)));
  }

  /**
   * What to throw for an endpoint that is not well-formed.
   *
   * @param what is wrong with it
   * @param forms how to write it
   */
  public static EndpointException bad(Endpoint endpoint, String what, String forms) {
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT,
        "endpoint " + endpoint + " " + what + ": write " + forms,
        null);
  }

  /** Host and port as an authority, without the zone, which means something here only. */
  public String authority() {
    return ZONE.matcher(host).replaceAll("") + ":" + port;
  }

  /** The endpoint with the port that the system chose for it. */
  public static Endpoint withPort(Endpoint endpoint, int port) {
    URI uri = endpoint.uri();
    String authority = uri.getRawAuthority();
    return authority.endsWith(":" + port)
        ? endpoint
        : Endpoint.parse(
            uri.getScheme()
                + "://"
                + authority.substring(0, authority.lastIndexOf(':') + 1)
                + port);
  }
}
