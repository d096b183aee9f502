package io.carrick.transport.mqtt;

import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint says.
 *
 * @param broker where the broker is, without what follows its port
 * @param peer its host and port
 * @param tls whether it is reached by TLS
 * @param service whose doors these are; empty for the topics of the broker
 * @param instance one instance of the service; null for any
 * @param qos with which this side publishes, 0 or 1
 * @param client by which the broker knows this side at its topics; null for a new one each time
 */
record MqttAddress(
    Endpoint broker,
    HostPort peer,
    boolean tls,
    String service,
    @Nullable String instance,
    int qos,
    @Nullable String client) {

  static final String PLAIN = "mqtt";
  static final String SECURE = "mqtts";

  private static final String FORMS =
      "mqtt://host:port/service or mqtts://host:port/service, with /instance and ?qos=0 or ?qos=1"
          + " behind it where wanted; for the topics of the broker mqtt://host:port, with"
          + " ?client=name where wanted; each name is of 1 to 64 letters, digits, ., _, ~ and -";

  // No wildcard, level, NUL or surrogate of a topic.
  private static final Pattern PATH =
      Pattern.compile("/([A-Za-z0-9._~-]{1,64})(?:/([A-Za-z0-9._~-]{1,64}))?");

  private static final Pattern QOS = Pattern.compile("qos=([01])");
  private static final Pattern CLIENT = Pattern.compile("client=([A-Za-z0-9._~-]{1,64})");

  /**
   * The address that an endpoint names.
   *
   * @throws io.carrick.EndpointException if it names none
   */
  static MqttAddress of(Endpoint endpoint) {
    URI uri = endpoint.uri();
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals(PLAIN) && !scheme.equals(SECURE)) {
      throw HostPort.bad(endpoint, "has a scheme of another transport", FORMS);
    }
    String authority = uri.getRawAuthority();
    if (authority == null || authority.endsWith(":0")) {
      throw HostPort.bad(endpoint, "does not name a broker's host and port", FORMS);
    }
    String path = uri.getRawPath();
    boolean topics = path.isEmpty() || path.equals("/");
    Matcher names = PATH.matcher(path);
    if ((!topics && !names.matches()) || uri.getRawFragment() != null) {
      throw HostPort.bad(endpoint, "does not name a service", FORMS);
    }
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    Matcher asked = (topics ? CLIENT : QOS).matcher(query);
    if (!query.isEmpty() && !asked.matches()) {
      throw HostPort.bad(endpoint, "carries the query " + query, FORMS);
    }
    String value = query.isEmpty() ? null : asked.group(1);
    Endpoint broker = new Endpoint(URI.create(scheme + "://" + authority), endpoint.serverName());
    return new MqttAddress(
        broker,
        peer(endpoint, broker),
        scheme.equals(SECURE),
        topics ? "" : names.group(1),
        topics ? null : names.group(2),
        topics || value == null ? 0 : Integer.parseInt(value),
        topics ? value : null);
  }

  /** Whether it names the topics of the broker, and no service there. */
  boolean isTopics() {
    return service.isEmpty();
  }

  private static HostPort peer(Endpoint endpoint, Endpoint broker) {
    try {
      return HostPort.of(broker, FORMS);
    } catch (EndpointException e) {
      throw HostPort.bad(endpoint, "does not name a broker's host and port", FORMS);
    }
  }

  /** The topic where its service, or the instance, is asked for connections. */
  String door() {
    String shared = sharedDoor();
    return instance == null ? shared : shared + "/" + instance;
  }

  /** The topic where any instance of its service is asked. */
  String sharedDoor() {
    return "carrick/v1/s/" + service + "/door";
  }
}
