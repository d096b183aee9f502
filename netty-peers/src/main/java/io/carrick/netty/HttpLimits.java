package io.carrick.netty;

/** What one connection of HTTP may ask for. */
public final class HttpLimits {

  /** A request line of HTTP/1, and a path of HTTP/2: 4 KiB. */
  public static final int LINE_BYTES = 4 * 1024;

  /** The headers of a request: 8 KiB. */
  public static final int HEADER_BYTES = 8 * 1024;

  /** Open streams of a connection of HTTP/2. */
  public static final int STREAMS = 100;

  /** Time from the first byte of a request of HTTP/1 to the end of its headers. */
  public static final int HEAD_SECONDS = 10;

  /** A connection without a request is closed after so long. */
  public static final int IDLE_MINUTES = 5;

  /**
   * Streams of a connection that end before their time, by either side, within {@link
   * #RESET_WINDOW_SECONDS}: CVE-2023-44487 and CVE-2025-55163.
   */
  static final int RESETS = 200;

  static final int RESET_WINDOW_SECONDS = 30;

  /**
   * PING frames of a connection, each of which is answered, within {@link #PING_WINDOW_SECONDS}.
   */
  static final int PINGS = 100;

  static final int PING_WINDOW_SECONDS = 10;

  /** What is read of a part of a body at a time. */
  static final int CHUNK_BYTES = 8 * 1024;

  /** A response that is complete leaves in so long, or at least a part of it each time. */
  static final int UNREAD_SECONDS = 30;

  /** So long a connection stays open behind a last response, for a peer that still writes. */
  static final int LINGER_SECONDS = 1;

  private HttpLimits() {}
}
