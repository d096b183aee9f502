package io.carrick.core.session.state;

import io.carrick.Headers;

/**
 * A whole message as it came in.
 *
 * @param topic the topic of an item of a subscription and of the opening message, else empty
 * @param headers its headers
 * @param contentType its content type; that of the previous message in this direction where absent
 * @param payload its bytes; nobody else holds them
 * @param missed how many messages of a subscription were dropped before it
 */
public record InboundMessage(
    String topic, Headers headers, String contentType, byte[] payload, long missed) {

  private static final int OBJECT_BYTES = 96;

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
