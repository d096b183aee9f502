package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.StatusCode;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Map;
import java.util.Objects;

/** The Connect protocol where there is one answer: the body is the message. */
final class ConnectUnaryDialect implements Dialect {

  static final String TRAILER = "trailer-";

  private final RpcMethod method;
  private final HttpHeaders headers;
  private final boolean json;

  ConnectUnaryDialect(RpcMethod method, HttpHeaders headers, boolean json) {
    this.method = method;
    this.headers = headers;
    this.json = json;
  }

  @Override
  public long mostBodyBytes(int maxMessageBytes) {
    return RpcEnvelope.mostBytes(maxMessageBytes, json);
  }

  @Override
  public Message message(byte[] body) {
    return method.message(headers, body, json);
  }

  @Override
  public Answer reply(Message message) {
    RpcMethod.Reply reply = method.reply(message, json);
    byte[] body = Objects.requireNonNull(reply.body(), "one answer");
    Answer answer = Answer.of(200, json ? "application/json" : "application/proto", body);
    return with(answer, reply.leading(), reply.trailing());
  }

  @Override
  public Answer failure(EdgeFailure failure) {
    RpcMethod.Status status = method.status(failure);
    Answer answer =
        Answer.text(
            Problems.status(StatusCode.of(status.code())),
            "application/json",
            RpcErrors.json(status));
    return with(answer, status.leading(), status.trailing());
  }

  private static Answer with(Answer answer, HttpHeaders leading, HttpHeaders trailing) {
    answer.headers().add(leading);
    for (Map.Entry<String, String> each : trailing) {
      answer.headers().add(TRAILER + each.getKey(), each.getValue());
    }
    return answer;
  }

  @Override
  public Answer begin() {
    throw new IllegalStateException("there is one answer");
  }

  @Override
  public byte[] item(Message message) {
    throw new IllegalStateException("there is one answer");
  }

  @Override
  public byte[] end() {
    throw new IllegalStateException("there is one answer");
  }

  @Override
  public byte[] end(EdgeFailure failure) {
    throw new IllegalStateException("there is one answer");
  }

  @Override
  public byte[] idle() {
    throw new IllegalStateException("there is one answer");
  }
}
