package io.carrick.testkit;

import io.carrick.spi.Connection;
import java.nio.ByteBuffer;

/** Sends as the contract asks a caller to, and lets receivers see that a call is under way. */
final class CheckedSender {

  private static final ThreadLocal<Boolean> SENDING = ThreadLocal.withInitial(() -> false);

  private final Connection connection;
  private final RecordingReceiver receiver;

  /** Sends on a connection whose callbacks a receiver gets. */
  CheckedSender(Connection connection, RecordingReceiver receiver) {
    this.connection = connection;
    this.receiver = receiver;
  }

  /** Whether the current thread is inside {@code send} or {@code flush}. */
  static boolean isSending() {
    return SENDING.get();
  }

  /** Sends without waiting; what the connection answered. */
  boolean offer(ByteBuffer frame) {
    SENDING.set(true);
    try {
      return connection.send(frame);
    } finally {
      SENDING.set(false);
    }
  }

  void flush() {
    SENDING.set(true);
    try {
      connection.flush();
    } finally {
      SENDING.set(false);
    }
  }

  /** Sends, and after a false flushes and waits until the connection takes more. */
  void send(ByteBuffer frame) {
    receiver.forgetWritable();
    if (!offer(frame)) {
      flush();
      receiver.awaitWritable();
    }
  }

  void send(byte[] frame) {
    send(ByteBuffer.wrap(frame));
  }
}
