package io.carrick.transport.http2;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.edge.http.Origins;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * What an endpoint says beside its address where it listens: {@code
 * http://host:port?origin=https://app.example}.
 *
 * @param endpoint without its query
 * @param origins whose pages may call
 */
record ListenOptions(Endpoint endpoint, Origins origins) {

  private static final String ORIGIN = "origin=";

  /**
   * Reads them off an endpoint.
   *
   * @throws EndpointException if an origin is none; another query stays, which no address may have
   */
  static ListenOptions of(Endpoint endpoint) {
    String query = endpoint.uri().getRawQuery();
    if (query == null) {
      return new ListenOptions(endpoint, Origins.of(List.of()));
    }
    List<String> origins = new ArrayList<>();
    for (String option : query.split("&", -1)) {
      if (!option.startsWith(ORIGIN)) {
        return new ListenOptions(endpoint, Origins.of(List.of())); // Refused for its query.
      }
      origins.add(option.substring(ORIGIN.length()));
    }
    String text = endpoint.toString();
    try {
      return new ListenOptions(
          Endpoint.parse(text.substring(0, text.indexOf('?'))), Origins.of(origins));
    } catch (IllegalArgumentException e) {
      throw bad(endpoint, "names an " + e.getMessage());
    }
  }

  private static EndpointException bad(Endpoint endpoint, String what) {
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT,
        "endpoint "
            + endpoint
            + " "
            + what
            + ": write ?origin=https://app.example for each origin whose pages may call, or leave it"
            + " away",
        null);
  }
}
