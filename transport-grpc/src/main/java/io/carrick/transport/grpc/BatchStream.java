package io.carrick.transport.grpc;

import io.carrick.transport.support.Packet;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A packet that goes out: hands its array to gRPC in one piece, which is free again then. */
final class BatchStream extends ByteArrayInputStream implements Batch, Drainable, KnownLength {

  BatchStream(Packet packet) {
    super(packet.bytes(), 0, packet.length());
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int drained = available();
    target.write(buf, pos, drained);
    pos = count;
    return drained;
  }
}
