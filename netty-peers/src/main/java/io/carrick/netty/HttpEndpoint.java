package io.carrick.netty;

import io.carrick.spi.Endpoint;
import java.util.List;

/** An endpoint of an HTTP port, perhaps beside others on the same socket. Safe for any thread. */
public final class HttpEndpoint implements AutoCloseable {

  private final HttpSocket socket;
  private final Endpoint endpoint;
  private final List<HttpTaker> takers;

  HttpEndpoint(HttpSocket socket, Endpoint endpoint, List<HttpTaker> takers) {
    this.socket = socket;
    this.endpoint = endpoint;
    this.takers = List.copyOf(takers);
  }

  /** With the port that was chosen. */
  public Endpoint endpoint() {
    return endpoint;
  }

  List<HttpTaker> takers() {
    return takers;
  }

  /**
   * Takes no more requests; those that it has taken go on. The last endpoint of a socket closes it,
   * and its address is free when this returns, unless that is on a loop.
   */
  @Override
  public void close() {
    socket.leave(this);
  }
}
