package io.carrick.transport.grpc;

import io.carrick.spi.Transport;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Finds the frames of a Packet, and passes over fields that it does not know. */
final class PacketReader {

  private static final int FRAMES = 1;
  private static final int MAX_VARINT_BYTES = 10;

  private PacketReader() {}

  /**
   * Moves a view of the packet to its next frame.
   *
   * @return false at the end of the packet
   * @throws ProtocolException if the bytes are no Packet
   */
  static boolean next(ByteBuffer packet, ByteBuffer frame) throws ProtocolException {
    try {
      while (packet.hasRemaining()) {
        long tag = varint(packet);
        int type = (int) tag & 7;
        if (tag >>> 3 == 0) {
          throw new ProtocolException("a Packet has a field of number 0");
        }
        if (tag >>> 3 == FRAMES && type == 2) {
          take(packet, length(packet), frame);
          return true;
        }
        skip(packet, type);
      }
      return false;
    } catch (BufferUnderflowException e) {
      throw new ProtocolException("a Packet ends in the middle of a field");
    }
  }

  private static void take(ByteBuffer packet, int length, ByteBuffer frame)
      throws ProtocolException {
    if (length > Transport.MAX_FRAME_BYTES) {
      throw new ProtocolException(
          "a frame of " + length + " bytes exceeds the 65536 allowed on every transport");
    }
    int start = packet.position();
    frame.clear().position(start).limit(start + length);
    packet.position(start + length);
  }

  // Wire types 0, 1, 2 and 5; groups (3 and 4) are not of proto3 (protobuf encoding guide).
  private static void skip(ByteBuffer packet, int type) throws ProtocolException {
    switch (type) {
      case 0 -> varint(packet);
      case 1 -> forward(packet, 8);
      case 2 -> forward(packet, length(packet));
      case 5 -> forward(packet, 4);
      default -> throw new ProtocolException("a Packet has a field of wire type " + type);
    }
  }

  private static void forward(ByteBuffer packet, int bytes) {
    if (bytes > packet.remaining()) {
      throw new BufferUnderflowException();
    }
    packet.position(packet.position() + bytes);
  }

  private static int length(ByteBuffer packet) throws ProtocolException {
    long length = varint(packet);
    if (length < 0 || length > packet.remaining()) {
      throw new BufferUnderflowException();
    }
    return (int) length;
  }

  private static long varint(ByteBuffer packet) throws ProtocolException {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte b = packet.get();
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
    throw new ProtocolException("a Packet has a varint of more than 10 bytes");
  }
}
