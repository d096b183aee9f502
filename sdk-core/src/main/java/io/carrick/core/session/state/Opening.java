package io.carrick.core.session.state;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.Kind;
import io.carrick.spi.Compression;
import java.util.List;

/**
 * What a caller wants to open.
 *
 * @param kind the pattern
 * @param topic the topic, or the filter of a subscription; valid
 * @param headers headers of the opening message
 * @param contentType content type of the opening message; empty for none
 * @param payload the opening message's bytes, not changed any more by anybody; empty for a channel
 *     and a subscription
 * @param priority who goes first
 * @param timeoutNanos time to the deadline, 0 for none. Streams and channels: until the first item;
 *     subscriptions: until accepted
 * @param items the first demand for items (streams, channels, subscriptions)
 * @param overflow subscriptions: what happens when the queue at the service is full
 * @param accept content types that the caller can decode, at most 16; empty for any
 * @param security what every connection must give that carries it
 * @param encoding how the payload was compressed; empty where it was not
 */
public record Opening(
    Kind kind,
    String topic,
    Headers headers,
    String contentType,
    byte[] payload,
    Priority priority,
    long timeoutNanos,
    long items,
    OverflowPolicy overflow,
    List<String> accept,
    SecurityLevel security,
    String encoding) {

  /** The same with its payload compressed. */
  public Opening packed(Compression.Packed value) {
    return new Opening(
        kind,
        topic,
        headers,
        contentType,
        value.bytes(),
        priority,
        timeoutNanos,
        items,
        overflow,
        accept,
        security,
        value.encoding());
  }
}
