package io.carrick.transport.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Reply;
import java.util.List;

/** Messages as protobuf has them, and back. */
final class PlainMessages {

  private static final int MAX_CONTENT_TYPE = 255;

  static final String MALFORMED =
      "the bytes of the call are no message of its method: use stubs made of wire.proto";

  private PlainMessages() {}

  /**
   * The message of a call.
   *
   * @param more headers of the call's metadata
   * @param contentType where the call names none
   * @throws IllegalArgumentException if it is no message
   */
  static Message of(Call call, List<Headers.Entry> more, String contentType) {
    if (PlainMethods.isMalformed(call)) {
      throw new IllegalArgumentException(MALFORMED);
    }
    return Message.wrap(
        call.getTopic(),
        PlainHeaders.of(call.getHeadersList(), more),
        call.getContentType().isEmpty() ? contentType : checked(call.getContentType()),
        call.getPayload().toByteArray());
  }

  /**
   * The message of an answer.
   *
   * @param contentType where the answer names none
   * @throws IllegalArgumentException if it is no message
   */
  static Message of(Reply reply, String contentType) {
    return Message.wrap(
        "",
        PlainHeaders.of(reply.getHeadersList(), List.of()),
        reply.getContentType().isEmpty() ? contentType : checked(reply.getContentType()),
        reply.getPayload().toByteArray());
  }

  static Reply reply(Message message) {
    return Reply.newBuilder()
        .setTopic(message.topic())
        .addAllHeaders(PlainHeaders.of(message.headers()))
        .setContentType(message.contentType())
        .setPayload(payload(message))
        .build();
  }

  /** The bytes of a message, which never change. */
  static ByteString payload(Message message) {
    return UnsafeByteOperations.unsafeWrap(message.payload());
  }

  private static String checked(String contentType) {
    if (contentType.length() > MAX_CONTENT_TYPE
        || contentType.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
      throw new IllegalArgumentException(
          "a content type of "
              + contentType.length()
              + " characters must be at most "
              + MAX_CONTENT_TYPE
              + " printable ASCII characters: write a media type, such as application/json");
    }
    return contentType;
  }
}
