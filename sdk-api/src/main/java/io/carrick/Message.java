package io.carrick;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A topic, headers, a content type and bytes. Immutable.
 *
 * <p>Where a call takes a value, a message may be given instead: its bytes and content type go as
 * they are. Where a call takes a class, {@code Message.class} gives the message undecoded, and
 * {@link Messenger#decode} decodes it later.
 */
public final class Message {

  private static final byte[] NO_BYTES = {};

  private final String topic;
  private final Headers headers;
  private final String contentType;
  private final byte[] payload;

  private Message(String topic, Headers headers, String contentType, byte[] payload) {
    this.topic = Objects.requireNonNull(topic, "topic");
    this.headers = Objects.requireNonNull(headers, "headers");
    this.contentType = Objects.requireNonNull(contentType, "contentType");
    this.payload = payload;
  }

  /** A message of bytes, {@code application/octet-stream}; the bytes are copied. */
  public static Message of(byte[] payload) {
    return of(ContentTypes.BYTES, payload);
  }

  /** A message of text, {@code text/plain} in UTF-8. */
  public static Message ofText(String text) {
    return new Message("", Headers.EMPTY, ContentTypes.TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A message of a content type; the bytes are copied. An empty content type says that there is
   * none.
   */
  public static Message of(String contentType, byte[] payload) {
    return new Message("", Headers.EMPTY, contentType, payload.clone());
  }

  /** A message without bytes. */
  public static Message empty() {
    return new Message("", Headers.EMPTY, "", NO_BYTES);
  }

  /**
   * A message that owns the given bytes from now on: nobody may change them. For extensions that
   * would copy for nothing otherwise.
   */
  public static Message wrap(String topic, Headers headers, String contentType, byte[] payload) {
    return new Message(topic, headers, contentType, payload);
  }

  /** The same message under another topic. */
  public Message withTopic(String value) {
    return new Message(value, headers, contentType, payload);
  }

  /** The same message with other headers. */
  public Message withHeaders(Headers value) {
    return new Message(topic, value, contentType, payload);
  }

  /** The topic it came or goes on; empty in a reply and in a message not sent yet. */
  public String topic() {
    return topic;
  }

  /** Its headers. */
  public Headers headers() {
    return headers;
  }

  /** What the bytes are, as a media type (RFC 6838); empty where nobody said. */
  public String contentType() {
    return contentType;
  }

  /** The number of bytes. */
  public int size() {
    return payload.length;
  }

  /** The bytes, read-only, from position 0; each call gives a buffer of its own. */
  public ByteBuffer payload() {
    return ByteBuffer.wrap(payload).asReadOnlyBuffer();
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return payload.clone();
  }

  /**
   * The bytes themselves and no copy: nobody may change them. For extensions that would copy for
   * nothing otherwise, as {@link #wrap}.
   */
  public byte[] sharedBytes() {
    return payload;
  }

  /** The bytes as UTF-8 text; malformed input is replaced by U+FFFD. */
  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Message that
        && topic.equals(that.topic)
        && headers.equals(that.headers)
        && contentType.equals(that.contentType)
        && Arrays.equals(payload, that.payload);
  }

  @Override
  public int hashCode() {
    return Objects.hash(topic, headers, contentType) * 31 + Arrays.hashCode(payload);
  }

  /** Names topic, content type and size, never the bytes or the headers' values. */
  @Override
  public String toString() {
    return "Message[topic="
        + Printable.of(topic)
        + ", contentType="
        + Printable.of(contentType)
        + ", "
        + payload.length
        + " bytes]";
  }
}
