package io.carrick.core.session;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.MalformedFrameException;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Receiver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A connection whose other end is a test. */
final class Raw implements Connection {

  final List<byte[]> sent = new CopyOnWriteArrayList<>();
  private final PeerInfo peer;
  Receiver receiver;
  volatile boolean closed;

  Raw(PeerInfo peer) {
    this.peer = peer;
  }

  @Override
  public boolean send(ByteBuffer frame) {
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    sent.add(bytes);
    return true;
  }

  @Override
  public void flush() {}

  @Override
  public void receive(Receiver value) {
    receiver = value;
  }

  @Override
  public void close(CloseReason reason) {
    closed = true;
  }

  @Override
  public PeerInfo peer() {
    return peer;
  }

  /** One frame to the session, as one batch. */
  void say(byte[] frame) {
    receiver.onFrame(ByteBuffer.wrap(frame));
    receiver.onBatchEnd();
  }

  byte[] last() {
    return sent.get(sent.size() - 1);
  }

  FrameParser first() throws MalformedFrameException {
    return parsed(sent.get(0));
  }

  FrameParser read() throws MalformedFrameException {
    return parsed(last());
  }

  private static FrameParser parsed(byte[] frame) throws MalformedFrameException {
    FrameParser parser = new FrameParser();
    parser.parse(ByteBuffer.wrap(frame));
    return parser;
  }
}
