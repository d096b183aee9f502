package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import io.carrick.unix.UnixAddress;
import java.net.URI;
import java.nio.file.Path;
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

  /** The address that an endpoint names. */
  static GrpcAddress of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> ofHost(endpoint, false);
      case SECURE -> ofHost(endpoint, true);
      case UNIX -> new GrpcAddress("", 0, UnixAddress.pathOf(endpoint), false);
      default -> throw bad(endpoint, "has a scheme of another transport");
    };
  }

  /** Host and port as an authority. */
  String authority() {
    return host + ":" + port;
  }

  private static GrpcAddress ofHost(Endpoint endpoint, boolean tls) {
    URI uri = endpoint.uri();
    String host = uri.getHost();
    if (host == null || uri.getPort() < 0 || uri.getPort() > MAX_PORT) {
      throw bad(endpoint, "does not name a host and a port of 0 to 65535");
    }
    if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(endpoint, "carries a path, query or fragment");
    }
    return new GrpcAddress(host, uri.getPort(), null, tls);
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
