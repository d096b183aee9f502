package io.carrick.netty;

import io.netty.channel.ChannelHandler;

/**
 * Takes requests of an {@link HttpPorts HTTP port}: streams of HTTP/2 as frames, requests of any
 * version as Netty's HTTP objects, or connections of HTTP/1.1 that go on in another protocol.
 * Called on the event loop of the connection, and blocks nowhere.
 */
public sealed interface HttpTaker {

  /** Whether a request is one that it takes. The first taker of a port that says so gets it. */
  boolean takes(HttpHead head);

  /**
   * A handler for one request: it is the last one of its pipeline, and hears the request from its
   * head on. It is removed when the response is over, and hears {@code channelInactive} where the
   * peer has gone before.
   */
  ChannelHandler handler(HttpPeer peer);

  /**
   * Takes streams of HTTP/2: the handler is in the channel of the stream, and reads and writes
   * {@link io.netty.handler.codec.http2.Http2StreamFrame frames}.
   */
  non-sealed interface OfStreams extends HttpTaker {}

  /**
   * Takes requests: the handler reads {@link io.netty.handler.codec.http.HttpRequest} and {@link
   * io.netty.handler.codec.http.HttpContent}, and writes one response. It is in the channel of a
   * stream of HTTP/2, or in that of a connection of HTTP/1, which writes what the version of the
   * client asks for: chunks, a length, or an end by closing.
   */
  non-sealed interface OfRequests extends HttpTaker {}

  /**
   * Takes connections of HTTP/1.1 that ask for an upgrade (RFC 9110, section 7.8): the handler
   * answers as {@link OfRequests} does, and behind a full response 101 it reads and writes bytes.
   */
  non-sealed interface OfUpgrades extends HttpTaker {}
}
