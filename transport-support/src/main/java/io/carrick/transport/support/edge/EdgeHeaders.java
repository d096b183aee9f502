package io.carrick.transport.support.edge;

import io.carrick.StatusCode;
import java.util.Set;

/** What headers of a protocol mean to an edge. Pure functions. */
public final class EdgeHeaders {

  private static final Set<String> OF_THE_CALL =
      Set.of(
          "accept-encoding",
          "authorization",
          "connection",
          "content-type",
          "cookie",
          "host",
          "proxy-authorization",
          "te",
          "user-agent");

  private static final String BEARER = "Bearer ";

  private EdgeHeaders() {}

  /**
   * Whether a header speaks of the call, or to the edge, rather than of the message.
   *
   * @param name in lower case
   */
  public static boolean isOfTheCall(String name) {
    return OF_THE_CALL.contains(name) || name.startsWith("carrick-");
  }

  /**
   * The bearer token of a call (RFC 6750); empty where it has none.
   *
   * @param authorization the values of its header of this name
   * @throws io.carrick.MessagingException if it has several
   */
  public static String bearer(Iterable<String> authorization) {
    String token = "";
    for (String value : authorization) {
      if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        if (!token.isEmpty()) {
          throw EdgeFailure.refusal(
              StatusCode.UNAUTHENTICATED, "the call has two bearer tokens: send one");
        }
        token = value.substring(BEARER.length()).strip();
      }
    }
    return token;
  }
}
