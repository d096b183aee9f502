/** Messages over HTTP/2: a session is one call whose bodies are endless. */
@SuppressWarnings("module") // The protocol's name ends in a digit.
module io.carrick.transport.http2 {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires io.carrick.edge.http;
  requires io.carrick.netty;
  requires io.carrick.tls;
  requires io.carrick.transport.support;
  requires io.netty.buffer;
  requires io.netty.codec.http2;
  requires io.netty.transport;
  requires kotlin.stdlib;
  requires okhttp3;
  requires okio;

  exports io.carrick.transport.http2;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.http2.Http2TransportProvider;
}
