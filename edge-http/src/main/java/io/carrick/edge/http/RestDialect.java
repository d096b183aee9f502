package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** The body is the payload: requests, sends and publishes. */
final class RestDialect implements Dialect {

  private final Kind kind;
  private final String topic;
  private final HttpHeaders headers;
  private final boolean events;

  /**
   * @param events whether a reply that is a CloudEvent goes as one JSON object
   */
  RestDialect(Kind kind, String topic, HttpHeaders headers, boolean events) {
    this.kind = kind;
    this.topic = topic;
    this.headers = headers;
    this.events = events;
  }

  @Override
  public long mostBodyBytes(int maxMessageBytes) {
    return maxMessageBytes;
  }

  @Override
  public Message message(byte[] body) {
    return message(topic, headers, body);
  }

  /** The message whose payload is the body of a request. */
  static Message message(String topic, HttpHeaders headers, byte[] body) {
    String type = MediaTypes.checked(headers.get(HttpHeaderNames.CONTENT_TYPE, ""));
    return MediaTypes.bare(type).equals(CloudEvents.CONTENT_TYPE)
        ? CloudEvents.read(topic, RestHeaders.of(headers), body)
        : Message.wrap(topic, RestHeaders.of(headers), type, body);
  }

  @Override
  public Answer reply(Message message) {
    if (kind != Kind.REQUEST) {
      return Answer.empty(202);
    }
    if (events && CloudEvents.isEvent(message)) {
      return Answer.of(200, CloudEvents.CONTENT_TYPE, CloudEvents.write(message))
          .with(HttpHeaderNames.CACHE_CONTROL, "no-store");
    }
    Answer answer = Answer.of(200, message.contentType(), message.sharedBytes());
    RestHeaders.add(message.headers(), answer.headers());
    return answer
        .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .with("x-content-type-options", "nosniff");
  }

  @Override
  public Answer failure(EdgeFailure failure) {
    return Problems.answer(failure);
  }

  @Override
  public Answer begin() {
    throw new IllegalStateException(kind + " has one answer");
  }

  @Override
  public byte[] item(Message message) {
    throw new IllegalStateException(kind + " has one answer");
  }

  @Override
  public byte[] end() {
    throw new IllegalStateException(kind + " has one answer");
  }

  @Override
  public byte[] end(EdgeFailure failure) {
    throw new IllegalStateException(kind + " has one answer");
  }

  @Override
  public byte[] idle() {
    throw new IllegalStateException(kind + " has one answer");
  }
}
