package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.unix.UnixAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint says: a host and a port, or a path.
 *
 * @param host as in the URI, an IPv6 address in brackets; empty for a path
 * @param port 0 to 65,535; 0 for a path
 * @param path of a socket; null for a host
 * @param tls whether the endpoint asks for TLS
 */
record GrpcAddress(String host, int port, @Nullable Path path, boolean tls) {

  static final String PLAIN = "grpc";
  static final String SECURE = "grpcs";
  static final String UNIX = "grpc+unix";

  private static final int MAX_PORT = 65_535;

  // As RFC 3986 has it, and with the underscore that names in containers may have.
  private static final Pattern NAMED =
      Pattern.compile(
          "([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9.])?|\\[[^\\]@]+]):(\\d{1,6})");

  private static final Pattern ZONE = Pattern.compile("%[^]]*");

  /** The address that an endpoint names. */
  static GrpcAddress of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> ofHost(endpoint, false);
      case SECURE -> ofHost(endpoint, true);
      case UNIX -> new GrpcAddress("", 0, UnixAddress.pathOf(endpoint), false);
      default -> throw bad(endpoint, "has a scheme of another transport");
    };
  }

  /** Host and port as an authority, without the zone, which means something here only. */
  String authority() {
    return ZONE.matcher(host).replaceAll("") + ":" + port;
  }

  private static GrpcAddress ofHost(Endpoint endpoint, boolean tls) {
    URI uri = endpoint.uri();
    Matcher named = NAMED.matcher(String.valueOf(uri.getRawAuthority()));
    if (!named.matches() || Integer.parseInt(named.group(2)) > MAX_PORT) {
      throw bad(endpoint, "does not name a host and a port of 0 to 65535");
    }
    if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(endpoint, "carries a path, query or fragment");
    }
    return new GrpcAddress(named.group(1), Integer.parseInt(named.group(2)), null, tls);
  }

  private static EndpointException bad(Endpoint endpoint, String what) {
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT,
        "endpoint "
            + endpoint
            + " "
            + what
            + ": write grpc://host:port, grpcs://host:port or grpc+unix:/path",
        null);
  }
}
