package io.carrick.unix;

import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Endpoint;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The path of a socket, from its URI. Any thread. */
public final class UnixAddress {

  /** The longest path of a socket that the JDK takes, in bytes. */
  static final int MAX_PATH_BYTES = 106;

  private UnixAddress() {}

  /**
   * The path that an endpoint names; the file need not be there.
   *
   * @throws EndpointException with INVALID_ARGUMENT if it names none, or one of more than 106 bytes
   */
  public static Path pathOf(Endpoint endpoint) {
    URI uri = endpoint.uri();
    String path = uri.getPath();
    if (uri.isOpaque() || path == null) {
      throw bad(endpoint, "is no absolute path");
    }
    if (uri.getRawAuthority() != null) {
      throw bad(endpoint, "names a host (" + uri.getRawAuthority() + ")");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(endpoint, "carries a query or fragment");
    }
    if (path.endsWith("/")) {
      throw bad(endpoint, "names a directory");
    }
    int bytes = lengthOf(path);
    if (bytes > MAX_PATH_BYTES) {
      throw bad(endpoint, "has a path of " + bytes + " bytes, more than " + MAX_PATH_BYTES);
    }
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw bad(endpoint, "has a path that no file can have (" + e.getReason() + ")");
    }
  }

  static int lengthOf(String path) {
    return path.getBytes(StandardCharsets.UTF_8).length;
  }

  private static EndpointException bad(Endpoint endpoint, String what) {
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT,
        "endpoint "
            + endpoint
            + " "
            + what
            + ": write "
            + endpoint.scheme()
            + ":/path, an absolute path to a file, of at most "
            + MAX_PATH_BYTES
            + " bytes",
        null);
  }
}
