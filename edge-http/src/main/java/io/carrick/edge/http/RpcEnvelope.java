package io.carrick.edge.http;

import io.carrick.StatusCode;
import io.carrick.transport.support.edge.EdgeFailure;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A message of Connect or gRPC with its flags and its length before it. Pure functions. */
final class RpcEnvelope {

  static final int HEAD_BYTES = 5;

  private static final int COMPRESSED = 1;

  /** What a message may have around its payload: its topic and headers. */
  private static final int AROUND_MESSAGE_BYTES = 16 * 1024;

  private RpcEnvelope() {}

  /** What a body may have: a third more in JSON, as Base64 takes. */
  static long mostBytes(int maxMessageBytes, boolean base64) {
    long payload = base64 ? maxMessageBytes / 3 * 4L + 4 : maxMessageBytes;
    return payload + AROUND_MESSAGE_BYTES;
  }

  /**
   * The only message of a body.
   *
   * @throws io.carrick.MessagingException if it has another number of them, or is compressed
   */
  static byte[] only(byte[] body) {
    if (body.length == 0) {
      throw EdgeFailure.refusal(StatusCode.UNIMPLEMENTED, "the call has no message: send one");
    }
    if (body.length < HEAD_BYTES) {
      throw EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, "the message of the call is cut off");
    }
    ByteBuffer in = ByteBuffer.wrap(body);
    int flags = in.get();
    int length = in.getInt();
    if ((flags & COMPRESSED) != 0) {
      throw EdgeFailure.refusal(
          StatusCode.INTERNAL, "the message is compressed, though no compression was agreed");
    }
    if (flags != 0 || length < 0 || length > in.remaining()) {
      throw EdgeFailure.refusal(
          StatusCode.INVALID_ARGUMENT, "the body is no message with its length before it");
    }
    if (length < in.remaining()) {
      throw EdgeFailure.refusal(
          StatusCode.UNIMPLEMENTED, "the call has several messages: send one");
    }
    return Arrays.copyOfRange(body, HEAD_BYTES, body.length);
  }

  /** A message with its head. */
  static byte[] of(int flags, byte[] message) {
    return ByteBuffer.allocate(HEAD_BYTES + message.length)
        .put((byte) flags)
        .putInt(message.length)
        .put(message)
        .array();
  }
}
