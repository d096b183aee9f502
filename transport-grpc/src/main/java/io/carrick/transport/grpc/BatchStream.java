package io.carrick.transport.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Hands an array to gRPC in one piece. */
final class BatchStream extends ByteArrayInputStream implements Drainable, KnownLength {

  BatchStream(Batch.Outgoing batch) {
    super(batch.bytes(), 0, batch.length());
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int drained = available();
    target.write(buf, pos, drained);
    pos = count;
    return drained;
  }
}
