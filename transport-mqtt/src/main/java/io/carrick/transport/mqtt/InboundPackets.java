package io.carrick.transport.mqtt;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;

/**
 * What comes from the broker, packet by packet as far as their fixed headers go (MQTT 5, 2.1): one
 * that is too large, or of a QoS that was not asked for, ends the stream before Paho sees it.
 */
final class InboundPackets extends FilterInputStream {

  /** What this side tells the broker in its CONNECT, where it has sessions: 128 KiB. */
  static final int MAX_BYTES = 128 * 1024;

  private static final int PUBLISH = 3;
  private static final int MAX_QOS = 1;
  private static final int MAX_LENGTH_BYTES = 4;

  private final CountDownLatch written;
  private final int maxBytes;
  private int left; // Of the packet; 0 before its header.
  private int lengthByte = -1; // Which one of the length comes next; -1 before the header.

  /**
   * A stream that is read only after {@code written}.
   *
   * @param in with a buffer, since headers come byte by byte
   * @param maxBytes of a packet, as the broker was told
   */
  InboundPackets(InputStream in, CountDownLatch written, int maxBytes) {
    super(in);
    this.maxBytes = maxBytes;
    this.written = written;
  }

  @Override
  public int read() throws IOException {
    await();
    int read = in.read();
    if (read >= 0) {
      if (left > 0) {
        left--;
      } else {
        header(read);
      }
    }
    return read;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (left > 0) {
      int read = in.read(bytes, from, Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }
    if (length == 0) {
      return 0;
    }
    int one = read();
    if (one < 0) {
      return -1;
    }
    bytes[from] = (byte) one;
    return 1;
  }

  private void await() throws IOException {
    try {
      written.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the reader was interrupted");
    }
  }

  private void header(int read) throws IOException {
    if (lengthByte < 0) {
      if (read >> 4 == PUBLISH && (read >> 1 & 3) > MAX_QOS) {
        throw new IOException("the broker sent a PUBLISH of QoS 2, which was not asked for");
      }
      lengthByte = 0;
      length = 0;
      return;
    }
    length |= (read & 0x7f) << (7 * lengthByte++);
    if ((read & 0x80) == 0) {
      left = length;
      lengthByte = -1;
    } else if (lengthByte == MAX_LENGTH_BYTES) {
      throw new IOException("the broker sent a packet whose length is none");
    }
    if (length > maxBytes) {
      throw new IOException(
          "the broker sent a packet of "
              + length
              + " bytes or more, although this side takes "
              + maxBytes);
    }
  }

  private int length;
}
