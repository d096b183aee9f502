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
 * @param service whose doors these are
 * @param instance one instance of the service; null for any
 * @param qos with which this side publishes, 0 or 1
 */
record MqttAddress(
    Endpoint broker,
    HostPort peer,
    boolean tls,
    String service,
    @Nullable String instance,
    int qos) {

  static final String PLAIN = "mqtt";
  static final String SECURE = "mqtts";

  private static final String FORMS =
      "mqtt://host:port/service or mqtts://host:port/service, with /instance and ?qos=0 or ?qos=1"
          + " behind it where wanted; service and instance are of 1 to 64 letters, digits, ., _,"
          + " ~ and -";

  // No wildcard, level, NUL or surrogate of a topic.
  private static final Pattern PATH =
      Pattern.compile("/([A-Za-z0-9._~-]{1,64})(?:/([A-Za-z0-9._~-]{1,64}))?");

  private static final Pattern QOS = Pattern.compile("qos=([01])");

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
    Matcher path = PATH.matcher(uri.getRawPath());
    if (!path.matches() || uri.getRawFragment() != null) {
      throw HostPort.bad(endpoint, "does not name a service", FORMS);
    }
    String query = uri.getRawQuery() == null ? "qos=0" : uri.getRawQuery();
    Matcher qos = QOS.matcher(query);
    if (!qos.matches()) {
      throw HostPort.bad(endpoint, "carries the query " + query, FORMS);
    }
    Endpoint broker = new Endpoint(URI.create(scheme + "://" + authority), endpoint.serverName());
    return new MqttAddress(
        broker,
        peer(endpoint, broker),
        scheme.equals(SECURE),
        path.group(1),
        path.group(2),
        Integer.parseInt(qos.group(1)));
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
