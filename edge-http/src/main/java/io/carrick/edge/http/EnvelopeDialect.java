package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What Connect has for items and gRPC-Web for all: messages with their lengths, and behind them the
 * status, in a body that is always 200. Its items are encoded one at a time.
 */
abstract class EnvelopeDialect implements Dialect {

  private static final byte[] NOTHING = {};

  private final RpcMethod method;
  private final HttpHeaders headers;
  private final String contentType;
  private final boolean json;
  private final HttpHeaders leading = new DefaultHttpHeaders();
  private final HttpHeaders trailing = new DefaultHttpHeaders();
  private boolean first = true;

  /**
   * @param contentType of the request, and of its response
   */
  EnvelopeDialect(RpcMethod method, HttpHeaders headers, String contentType) {
    this.method = method;
    this.headers = headers;
    this.contentType = contentType;
    this.json = contentType.endsWith("json");
  }

  /** The last part of a body. */
  abstract byte[] last(RpcMethod.@Nullable Status failed, HttpHeaders trailers);

  /** Bytes as the protocol sends them. */
  byte[] sent(byte[] envelope) {
    return envelope;
  }

  /** The bytes that the protocol sent. */
  byte[] came(byte[] body) {
    return body;
  }

  @Override
  public long mostBodyBytes(int maxMessageBytes) {
    return RpcEnvelope.HEAD_BYTES + RpcEnvelope.mostBytes(maxMessageBytes, json);
  }

  @Override
  public Message message(byte[] body) {
    return method.message(headers, RpcEnvelope.only(came(body)), json);
  }

  @Override
  public Answer reply(Message message) {
    byte[] body = item(message);
    return whole(body, end());
  }

  @Override
  public Answer failure(EdgeFailure failure) {
    return whole(NOTHING, end(failure));
  }

  private Answer whole(byte[] body, byte[] end) {
    ByteArrayOutputStream both = new ByteArrayOutputStream(body.length + end.length);
    both.writeBytes(body);
    both.writeBytes(end);
    return with(Answer.of(200, contentType, both.toByteArray()));
  }

  private Answer with(Answer answer) {
    answer.headers().add(leading);
    answer.headers().set("cache-control", "no-store, no-transform");
    answer.headers().set("x-accel-buffering", "no");
    return answer;
  }

  @Override
  public Answer begin() {
    return with(Answer.of(200, contentType, NOTHING));
  }

  @Override
  public byte[] item(Message message) {
    RpcMethod.Reply reply = method.reply(message, json);
    if (first) {
      first = false;
      leading.add(reply.leading());
    }
    trailing.add(reply.trailing());
    byte[] body = reply.body();
    return body == null ? NOTHING : sent(RpcEnvelope.of(0, body));
  }

  @Override
  public byte[] end() {
    return sent(last(null, trailing));
  }

  @Override
  public byte[] end(EdgeFailure failure) {
    RpcMethod.Status status = method.status(failure);
    if (first) {
      leading.add(status.leading());
    }
    trailing.add(status.trailing());
    return sent(last(status, trailing));
  }

  @Override
  public byte[] idle() {
    return NOTHING;
  }
}
