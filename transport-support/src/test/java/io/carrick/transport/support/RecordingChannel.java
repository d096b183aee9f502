package io.carrick.transport.support;

import io.carrick.spi.CloseReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A library that keeps what it is given, and takes as much as the test says. */
final class RecordingChannel implements PacketChannel {

  final List<Packet> sent = new ArrayList<>();
  final List<Runnable> later = new ArrayList<>();
  int room = Integer.MAX_VALUE;
  boolean frees = true;
  int requested;
  boolean admitted;
  @Nullable CloseReason end;
  Runnable inSend = () -> {};

  @Override
  public boolean isReady() {
    return room > 0;
  }

  @Override
  public boolean send(Packet packet) {
    room--;
    // A copy: the array may be used again.
    sent.add(new Packet(packet.bytes().clone(), packet.length()));
    inSend.run();
    return frees;
  }

  @Override
  public void request(int more) {
    requested += more;
  }

  @Override
  public void afterOthers(Runnable task) {
    later.add(task);
  }

  @Override
  public void admit() {
    admitted = true;
  }

  @Override
  public void end(CloseReason reason) {
    if (end != null) {
      throw new AssertionError("ended twice: " + end + ", " + reason);
    }
    end = reason;
  }

  /** The frames of all packets, as a peer finds them. */
  List<byte[]> frames() throws FramingException {
    List<byte[]> frames = new ArrayList<>();
    for (Packet packet : sent) {
      ByteBuffer input = packet.buffer();
      ByteBuffer view = input.duplicate();
      while (PacketReader.next(input, view)) {
        byte[] frame = new byte[view.remaining()];
        view.get(frame);
        frames.add(frame);
      }
    }
    return frames;
  }
}
