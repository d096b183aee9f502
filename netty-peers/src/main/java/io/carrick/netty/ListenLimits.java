package io.carrick.netty;

/** What a peer may ask of a listener before it is known, and beside what protocols limit. */
public final class ListenLimits {

  /** Open connections of one listener. */
  public static final int CONNECTIONS = 8 * 1024;

  /** Open connections of one listener from one address. */
  public static final int CONNECTIONS_PER_ADDRESS = 1024;

  /** Time to finish TLS, and without TLS to begin HTTP/2. */
  public static final int HANDSHAKE_SECONDS = 10;

  /** HTTP/2 flow control of each connection and stream: what is read ahead of a slow receiver. */
  public static final int WINDOW_BYTES = 1024 * 1024;

  private ListenLimits() {}
}
