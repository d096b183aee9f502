package io.carrick.edge.http.socket;

import io.carrick.edge.http.HttpEdge;
import io.carrick.netty.HttpHead;
import io.carrick.netty.HttpPeer;
import io.carrick.netty.HttpTaker;
import io.netty.channel.ChannelHandler;

/**
 * Takes the sockets of pages from an HTTP port: WebSocket (RFC 6455) with messages of JSON.
 *
 * @param edge whose calls, origins and bounds they have
 */
public record JsonSockets(HttpEdge edge) implements HttpTaker.OfUpgrades {

  /** The path of sockets. */
  static final String PATH = "/v1/socket";

  /** Their sub-protocol (RFC 6455, section 1.9). */
  static final String PROTOCOL = "carrick.json.v1";

  @Override
  public boolean takes(HttpHead head) {
    return head.upgrade().equals("websocket") && head.path().equals(PATH);
  }

  @Override
  public ChannelHandler handler(HttpPeer peer) {
    return new Handshake(edge, peer);
  }
}
