package io.carrick.core.session;

import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;

/** A connection whose transport tells this of the peer. */
record Seen(Connection to, PeerInfo peer) implements Connection {
  @Override
  public boolean send(ByteBuffer frame) {
    return to.send(frame);
  }

  @Override
  public void flush() {
    to.flush();
  }

  @Override
  public void receive(Receiver receiver) {
    to.receive(receiver);
  }

  @Override
  public void close(CloseReason reason) {
    to.close(reason);
  }
}
