package io.carrick.edge.http.socket;

import java.io.Serial;

/** A client broke a rule of the protocol: its socket is closed. */
final class Violation extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  /** A message is no JSON, or no UTF-8 (RFC 6455, section 7.4.1, as the next ones). */
  static final int MALFORMED = 1007;

  static final int PROTOCOL = 1002;
  static final int UNSUPPORTED = 1003;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int TRY_LATER = 1013; // In the registry of IANA.

  private final int closeCode;

  Violation(int closeCode, String what) {
    super(what, null, false, false); // Peers cause it as often as they like.
    this.closeCode = closeCode;
  }

  int closeCode() {
    return closeCode;
  }
}
