package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;

/** How one call is worded in an idiom of HTTP. Does no input or output; any thread. */
interface Dialect {

  /** The most bytes that the body of the request may have. */
  long mostBodyBytes(int maxMessageBytes);

  /**
   * The message of the call.
   *
   * @param body all of it
   * @throws IllegalArgumentException if it is none
   * @throws io.carrick.MessagingException if it is refused
   */
  Message message(byte[] body);

  /** The whole response to what has one answer. */
  Answer reply(Message message);

  /** The whole response to a call that failed before anything was answered. */
  Answer failure(EdgeFailure failure);

  /** What a response of items begins with: its body is empty. */
  Answer begin();

  /** One item in the body. */
  byte[] item(Message message);

  /** The end of the body. */
  byte[] end();

  /** The end of the body of a call that failed. */
  byte[] end(EdgeFailure failure);

  /** What the body has now and then while there are no items; empty for nothing. */
  byte[] idle();
}
