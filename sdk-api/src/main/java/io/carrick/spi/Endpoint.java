package io.carrick.spi;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a transport listens or connects.
 *
 * @param uri an absolute URI (RFC 3986) whose scheme names the transport
 * @param serverName whom a certificate there must be for; null for the host of the URI
 */
public record Endpoint(URI uri, @Nullable String serverName) {

  /** An endpoint whose certificate is for the host of its URI. */
  public Endpoint(URI uri) {
    this(uri, null);
  }

  /**
   * Parses an endpoint.
   *
   * @throws EndpointException if it is no URI, has no scheme, or carries user information
   */
  public static Endpoint parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw bad(text, "is no URI (" + e.getReason() + " at index " + e.getIndex() + ")", e);
    }
    if (uri.getScheme() == null) {
      throw bad(text, "has no scheme", null);
    }
    if (uri.getRawUserInfo() != null) {
      throw bad(uri.getScheme() + "://...@...", "carries user information", null);
    }
    return new Endpoint(uri);
  }

  private static EndpointException bad(String text, String what, @Nullable Throwable cause) {
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT,
        "endpoint \"" + text + "\" " + what + ": write it as unix:/path or scheme://host:port",
        cause);
  }

  /** The scheme in lower case. */
  public String scheme() {
    return uri.getScheme().toLowerCase(Locale.ROOT);
  }

  /** The URI as text. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
