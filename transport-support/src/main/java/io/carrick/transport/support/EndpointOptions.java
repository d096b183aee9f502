package io.carrick.transport.support;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.util.Arrays;
import java.util.List;

/**
 * What an endpoint says beside its address: {@code scheme://host:port?option=on}.
 *
 * @param endpoint without its query
 * @param on the options that are turned on
 */
public record EndpointOptions(Endpoint endpoint, List<String> on) {

  /** Checks nothing: options come from {@link #of}. */
  public EndpointOptions {
    on = List.copyOf(on);
  }

  /**
   * Reads them off an endpoint.
   *
   * @param known the options that there are; each may be said once
   * @throws EndpointException if it says anything else
   */
  public static EndpointOptions of(Endpoint endpoint, String... known) {
    String query = endpoint.uri().getRawQuery();
    if (query == null) {
      return new EndpointOptions(endpoint, List.of());
    }
    List<String> options = List.of(query.split("&", -1));
    List<String> names = options.stream().map(option -> option.replaceFirst("=.*", "")).toList();
    if (names.stream().distinct().count() < names.size()
        || !Arrays.asList(known).containsAll(names)
        || !options.stream().allMatch(option -> option.matches("[^=]*=(on|off)"))) {
      throw new EndpointException(
          StatusCode.INVALID_ARGUMENT,
          "endpoint "
              + endpoint
              + " carries the query "
              + query
              + ": write "
              + String.join(" or ", Arrays.stream(known).map(EndpointOptions::forms).toList())
              + ", or leave it away",
          null);
    }
    String text = endpoint.toString();
    return new EndpointOptions(
        Endpoint.parse(text.substring(0, text.indexOf('?'))),
        names.stream().filter(name -> options.contains(name + "=on")).toList());
  }

  /** Whether it turns an option on. */
  public boolean isOn(String option) {
    return on.contains(option);
  }

  private static String forms(String option) {
    return option + "=on or " + option + "=off";
  }
}
