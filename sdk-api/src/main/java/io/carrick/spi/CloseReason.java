package io.carrick.spi;

/**
 * Why a connection closed.
 *
 * @param kind whose doing it was
 * @param detail for people: what happened, with values
 */
public record CloseReason(Kind kind, String detail) {

  /** Whose doing it was. */
  public enum Kind {
    /** This side closed it. */
    LOCAL,
    /** The peer closed it in order. */
    PEER,
    /** The network, the kernel or the peer's process broke it. */
    NETWORK,
    /** One side sent what the framing of the transport does not allow. */
    PROTOCOL
  }

  /** This side closed it. */
  public static CloseReason local(String detail) {
    return new CloseReason(Kind.LOCAL, detail);
  }

  /** The peer closed it. */
  public static CloseReason peer(String detail) {
    return new CloseReason(Kind.PEER, detail);
  }

  /** The network broke it. */
  public static CloseReason network(String detail) {
    return new CloseReason(Kind.NETWORK, detail);
  }

  /** The framing was violated. */
  public static CloseReason protocol(String detail) {
    return new CloseReason(Kind.PROTOCOL, detail);
  }
}
