package io.carrick.core.message;

import io.carrick.Headers;

/**
 * A value as bytes.
 *
 * @param headers the headers that the value brought; empty unless it was a message
 * @param contentType what the bytes are; empty where nobody said
 * @param payload the bytes, not changed any more
 */
public record Encoded(Headers headers, String contentType, byte[] payload) {

  private static final byte[] NO_BYTES = {};

  /** No message: the opening of a channel or a subscription. */
  public static final Encoded NOTHING = new Encoded(Headers.EMPTY, "", NO_BYTES);

  /** The headers of the value, and behind them those of the call. */
  public static Headers merged(Headers first, Headers second) {
    if (second.isEmpty()) {
      return first;
    }
    if (first.isEmpty()) {
      return second;
    }
    java.util.List<Headers.Entry> all = new java.util.ArrayList<>(first.entries());
    all.addAll(second.entries());
    return Headers.of(all);
  }
}
