package io.carrick.transport.grpc;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;

/**
 * What an endpoint to listen on says beside its address: {@code ?reflection=on}.
 *
 * @param endpoint without its query
 * @param reflection whether the service describes itself to whoever asks; off by default
 */
record ListenOptions(Endpoint endpoint, boolean reflection) {

  /** Reads them off an endpoint. */
  static ListenOptions of(Endpoint endpoint) {
    String query = endpoint.uri().getRawQuery();
    if (query == null) {
      return new ListenOptions(endpoint, false);
    }
    if (!query.equals("reflection=on") && !query.equals("reflection=off")) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "endpoint "
              + endpoint
              + " carries the query "
              + query
              + ": write reflection=on or reflection=off, or leave it away",
          null);
    }
    String text = endpoint.toString();
    return new ListenOptions(
        Endpoint.parse(text.substring(0, text.indexOf('?'))), query.endsWith("=on"));
  }
}
