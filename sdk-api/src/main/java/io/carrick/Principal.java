package io.carrick;

/**
 * Who the peer of a session is, as verified by its token or else by its path, and fixed when the
 * session began.
 *
 * @param kind {@code token}, {@code unix}, {@code tls}, {@code mqtt}, {@code memory} or {@code
 *     none}
 * @param name the verified name within the kind; empty for {@code none}
 */
public record Principal(String kind, String name) {

  /** The kind of those who showed a token. */
  public static final String TOKEN = "token";

  /** Nobody was verified. */
  public static final Principal NONE = new Principal("none", "");

  @Override
  public String toString() {
    return kind + ":" + name;
  }
}
