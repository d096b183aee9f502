package io.carrick.edge.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/**
 * A whole response.
 *
 * @param headers its own
 * @param body not changed any more
 */
record Answer(int status, HttpHeaders headers, byte[] body) {

  private static final byte[] NOTHING = {};

  /** A response without a body. */
  static Answer empty(int status) {
    return new Answer(status, new DefaultHttpHeaders(), NOTHING);
  }

  /** A response of text. */
  static Answer text(int status, String contentType, String body) {
    return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  /** A response of bytes. */
  static Answer of(int status, String contentType, byte[] body) {
    Answer answer = new Answer(status, new DefaultHttpHeaders(), body);
    return contentType.isEmpty() ? answer : answer.with(HttpHeaderNames.CONTENT_TYPE, contentType);
  }

  /** This one, which has one more header now. */
  Answer with(CharSequence name, String value) {
    headers.set(name, value);
    return this;
  }
}
