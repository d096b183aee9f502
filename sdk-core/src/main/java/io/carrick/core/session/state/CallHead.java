package io.carrick.core.session.state;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.core.frame.Kind;
import java.util.List;

/**
 * What a peer opened; its first message, where the pattern has one, waits in the exchange's inbox.
 *
 * @param kind the pattern
 * @param topic the topic or the filter as it came: not validated
 * @param headers the headers of the opening
 * @param priority the caller's priority, for the replies
 * @param timeoutNanos the time left when it was sent, 0 for none
 * @param overflow subscriptions: what happens when the queue is full
 * @param accept content types that the caller can decode; empty for any
 */
public record CallHead(
    Kind kind,
    String topic,
    Headers headers,
    Priority priority,
    long timeoutNanos,
    OverflowPolicy overflow,
    List<String> accept) {

  private static final int TEXT_BYTES = 64;

  /** About what it costs to hold it (F15). */
  int heldBytes() {
    int bytes = InboundMessage.heldBytes(topic, headers);
    for (String type : accept) {
      bytes += TEXT_BYTES + type.length();
    }
    return bytes;
  }
}
