package io.carrick.core.session.state;

import io.carrick.CodecException;
import io.carrick.Headers;
import io.carrick.Message;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A whole message as it came in.
 *
 * @param topic the topic of an item of a subscription and of the opening message, else empty
 * @param headers its headers
 * @param contentType its content type; that of the previous message in this direction where absent
 * @param payload its bytes, as they came; nobody else holds them
 * @param missed how many messages of a subscription were dropped before it
 * @param unpacks what undoes its compression; null where it has none
 */
public record InboundMessage(
    String topic,
    Headers headers,
    String contentType,
    byte[] payload,
    long missed,
    @Nullable UnaryOperator<byte[]> unpacks) {

  private static final int OBJECT_BYTES = 96;

  /**
   * The message on this topic. Decompresses it, on the thread that asks.
   *
   * @throws CodecException if it does not decompress, or is larger then than a message may be
   */
  public Message message(String as) {
    byte[] bytes = unpacks == null ? payload : unpacks.apply(payload);
    return Message.wrap(as, headers, contentType, bytes);
  }

  /** About what it costs to hold it (F15). */
  int heldBytes() {
    return OBJECT_BYTES + payload.length + heldBytes(topic, headers);
  }

  /** About what a topic and headers cost. */
  static int heldBytes(String topic, Headers headers) {
    int bytes = topic.length();
    if (!headers.isEmpty()) {
      for (Headers.Entry entry : headers.entries()) {
        bytes += OBJECT_BYTES + entry.name().length() + entry.value().length();
      }
    }
    return bytes;
  }
}
