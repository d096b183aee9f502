package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
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

  /** The longest path of a socket that the JDK takes, in bytes. */
  private static final int MAX_PATH_BYTES = 106;

  private static final int MAX_PORT = 65_535;

  /** The address that an endpoint names. */
  static GrpcAddress of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> ofHost(endpoint, false);
      case SECURE -> ofHost(endpoint, true);
      case UNIX -> ofPath(endpoint);
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

  private static GrpcAddress ofPath(Endpoint endpoint) {
    URI uri = endpoint.uri();
    String path = uri.getPath();
    if (uri.isOpaque() || path == null || uri.getRawAuthority() != null || path.endsWith("/")) {
      throw bad(endpoint, "is no absolute path to a file");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(endpoint, "carries a query or fragment");
    }
    int bytes = path.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_PATH_BYTES) {
      throw bad(endpoint, "has a path of " + bytes + " bytes, more than " + MAX_PATH_BYTES);
    }
    try {
      return new GrpcAddress("", 0, Path.of(path), false);
    } catch (InvalidPathException e) {
      throw bad(endpoint, "has a path that no file can have (" + e.getReason() + ")");
    }
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
