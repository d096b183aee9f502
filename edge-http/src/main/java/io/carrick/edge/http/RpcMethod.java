package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A method that has one message and one answer, or items: how its messages and failures stand in
 * Protocol Buffers and in their JSON. Pure functions.
 */
interface RpcMethod {

  /**
   * A message of the service.
   *
   * @param leading headers of the response, counted of the first message only
   * @param body null for none: only what stands around it
   * @param trailing headers behind the response
   */
  record Reply(HttpHeaders leading, byte @Nullable [] body, HttpHeaders trailing) {}

  /**
   * What a caller can read of a failure.
   *
   * @param type the full name of a message of Protocol Buffers
   * @param value its bytes
   */
  record Detail(String type, byte[] value) {}

  /**
   * A failure.
   *
   * @param message for people; null for none
   */
  record Status(
      int code,
      @Nullable String message,
      List<Detail> details,
      HttpHeaders leading,
      HttpHeaders trailing) {}

  /** What it is at the node. */
  Kind kind();

  /**
   * What came.
   *
   * @throws IllegalArgumentException if it is no message of the method
   */
  Message message(HttpHeaders headers, byte[] body, boolean json);

  /** What goes back. */
  Reply reply(Message message, boolean json);

  /** A failure as the service words it. */
  Status status(EdgeFailure failure);
}
