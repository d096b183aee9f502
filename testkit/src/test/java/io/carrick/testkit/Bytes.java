package io.carrick.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Says and hears bytes over a blocking channel. */
final class Bytes {

  private Bytes() {}

  static int write(SocketChannel channel, int length) {
    try {
      return channel.write(ByteBuffer.allocate(length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void say(SocketChannel channel, String text) {
    ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String hear(SocketChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
    return StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
  }

  /** Nothing more comes: the end, or a reset where bytes were under way. */
  static void assertEnd(SocketChannel channel) throws IOException {
    try {
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  /** Neither bytes nor an end come for a while. */
  static void assertSilent(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    long start = System.nanoTime();
    Await.until(
        "silence",
        () -> {
          assertThat(readNow(channel)).isZero();
          return System.nanoTime() - start > Duration.ofMillis(50).toNanos();
        });
    channel.configureBlocking(true);
  }

  static int readNow(SocketChannel channel) {
    try {
      return channel.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
