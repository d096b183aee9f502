package io.carrick.transport.grpc;

import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;
import io.carrick.unix.UnixAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint says: a host and a port, or a path.
 *
 * @param peer null for a path
 * @param path of a socket; null for a host
 * @param tls whether the endpoint asks for TLS
 */
record GrpcAddress(@Nullable HostPort peer, @Nullable Path path, boolean tls) {

  static final String PLAIN = "grpc";
  static final String SECURE = "grpcs";
  static final String UNIX = "grpc+unix";

  private static final String FORMS = "grpc://host:port, grpcs://host:port or grpc+unix:/path";

  /** The address that an endpoint names. */
  static GrpcAddress of(Endpoint endpoint) {
    return switch (endpoint.scheme()) {
      case PLAIN -> new GrpcAddress(HostPort.of(endpoint, FORMS), null, false);
      case SECURE -> new GrpcAddress(HostPort.of(endpoint, FORMS), null, true);
      case UNIX -> new GrpcAddress(null, UnixAddress.pathOf(endpoint), false);
      default -> throw HostPort.bad(endpoint, "has a scheme of another transport", FORMS);
    };
  }
}
