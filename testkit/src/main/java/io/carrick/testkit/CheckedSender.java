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

  /** Sends frames and flushes once. */
  static void sendNow(Connection to, RecordingReceiver receiver, byte[]... frames) {
    CheckedSender sender = new CheckedSender(to, receiver);
    for (byte[] frame : frames) {
      sender.send(frame);
    }
    sender.flush();
  }

  /** Sends 1 KiB at a time until the connection says false, which it must. */
  void fillUp(int maxFrames) {
    for (int i = 0; i < maxFrames; i++) {
      if (!offer(ByteBuffer.allocate(1024))) {
        return;
      }
      flush();
    }
    throw new AssertionError("send never said false although nobody reads");
  }
}
