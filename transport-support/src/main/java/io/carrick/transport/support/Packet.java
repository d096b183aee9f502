package io.carrick.transport.support;

import java.nio.ByteBuffer;

/**
 * One or more frames as they go out: a {@code Packet} of wire.proto, of 64 KiB and the prefix of a
 * frame at most.
 *
 * @param bytes an array of the connection, which uses it again where {@link PacketChannel#send}
 *     says that it is free
 * @param length how many of the bytes count
 */
public record Packet(byte[] bytes, int length) {

  /** A view of the bytes that count. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes, 0, length);
  }
}
