package io.carrick.core.session;

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
    String topic, Headers headers, String contentType, byte[] payload, long missed) {}
