package io.carrick.edge.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The web origins whose pages may call (RFC 6454): each is a scheme, a host and, unless it is the
 * scheme's own, a port, and has to be the same. None may where none is listed. Programs that are no
 * browsers say no origin. Immutable.
 */
public final class Origins {

  private static final Pattern FORM =
      Pattern.compile("https?://([a-z0-9._-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[1-9][0-9]{0,4})?");

  private static final String SITE = "sec-fetch-site";

  private static final String METHODS = "GET, POST";

  private static final String REQUEST_HEADERS =
      "content-type, accept, last-event-id, connect-protocol-version, connect-timeout-ms,"
          + " grpc-timeout, x-grpc-web, x-user-agent, authorization, traceparent, tracestate,"
          + " baggage, carrick-timeout-ms";

  private static final String EXPOSED =
      "grpc-status, grpc-message, grpc-status-details-bin, retry-after, carrick-delivered,"
          + " carrick-retry";

  private static final String MAX_AGE_SECONDS = "7200"; // What browsers keep at most.

  private final Set<String> allowed;

  private Origins(Set<String> allowed) {
    this.allowed = allowed;
  }

  /**
   * Lets the pages of these origins call.
   *
   * @param origins {@code https://app.example} or {@code http://localhost:3000}
   * @throws IllegalArgumentException if one is none; what is before its message says which
   */
  public static Origins of(List<String> origins) {
    for (String origin : origins) {
      if (!FORM.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            "origin " + origin + " must be a scheme, a host and a port, in lower case");
      }
    }
    return new Origins(Set.copyOf(origins));
  }

  /**
   * The origin of the page that makes a request; empty for a program that is no browser.
   *
   * <p>A browser that reads from the page's own origin says no Origin, only that it is the same
   * (Fetch Metadata): then it is the host that it thinks it talks to, which a name that was bound
   * anew (DNS rebinding) makes another one.
   */
  private static String originOf(HttpHeaders headers, boolean tls) {
    List<String> said = headers.getAll(HttpHeaderNames.ORIGIN);
    if (!said.isEmpty()) {
      return said.size() == 1 && !said.get(0).isEmpty() ? said.get(0) : "null";
    }
    String site = headers.get(SITE, "none");
    if (site.equals("none")) {
      return "";
    }
    return site.equals("same-origin")
        ? (tls ? "https://" : "http://")
            + headers.get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT)
        : "null";
  }

  /** The origin that has to be told that it may read; empty for none, null for a foreign one. */
  public @Nullable String check(HttpHeaders headers, boolean tls) {
    String origin = originOf(headers, tls);
    return origin.isEmpty() || allowed.contains(origin) ? origin : null;
  }

  /** What an allowed page is told with each answer. */
  static void allow(String origin, HttpHeaders answer) {
    answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.add(HttpHeaderNames.VARY, "origin");
    StringBuilder exposed = new StringBuilder(EXPOSED);
    for (String name : answer.names()) {
      if (name.startsWith(RestHeaders.PREFIX)
          || name.startsWith(CloudEvents.PREFIX)
          || name.startsWith(ConnectUnaryDialect.TRAILER)) {
        exposed.append(", ").append(name);
      }
    }
    answer.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, exposed.toString());
  }

  /** What is answered to a page that asks what it may send. */
  static Answer preflight(HttpHeaders headers) {
    StringBuilder names = new StringBuilder(REQUEST_HEADERS);
    for (String each :
        headers.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS, "").split(",", -1)) {
      String name = each.strip().toLowerCase(Locale.ROOT);
      if (name.matches("(carrick-header|ce)-[a-z0-9._-]{1,64}")) {
        names.append(", ").append(name);
      }
    }
    return Answer.empty(204)
        .with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, METHODS)
        .with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, names.toString())
        .with(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
  }
}
