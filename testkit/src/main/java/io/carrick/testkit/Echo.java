package io.carrick.testkit;

import io.carrick.spi.Connection;
import java.nio.ByteBuffer;

/** Sends each frame back, flushed at the end of its batch. */
final class Echo extends RecordingReceiver {

  private final CheckedSender sender;

  Echo(Connection connection) {
    sender = new CheckedSender(connection, this);
  }

  @Override
  protected void handle(ByteBuffer frame) {
    sender.offer(frame);
  }

  @Override
  protected void handleBatchEnd() {
    sender.flush();
  }
}
