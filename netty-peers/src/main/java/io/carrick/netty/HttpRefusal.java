package io.carrick.netty;

/** What is said to requests that nobody takes. */
final class HttpRefusal {

  static final String NOBODY = "nothing is served at this path: check host, port and path";

  static final String TOO_MUCH =
      "the headers of this request are too much beside those of others: until the peer is known its"
          + " open requests may hold half of PeerLimits.unknownBytes together";

  private HttpRefusal() {}
}
