package io.carrick.spi;

import io.carrick.Message;
import io.carrick.Principal;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * What a native edge of a transport calls for peers without the SDK: the same router, authorizer
 * and limits as sessions. The topic stands in the message. Stages fail with {@link
 * io.carrick.MessagingException}; cancelling a stage's future cancels the call. Never blocks.
 */
public interface Calls {

  /** Makes a request. */
  CompletionStage<Message> request(Principal principal, Message message);

  /** Sends one way. */
  CompletionStage<Void> send(Principal principal, Message message);

  /** Opens a stream for each subscriber. */
  Flow.Publisher<Message> stream(Principal principal, Message message);

  /** Opens a channel for each subscriber; topic and headers stand in {@code opening}. */
  Flow.Publisher<Message> channel(
      Principal principal, Message opening, Flow.Publisher<Message> values);

  /** Publishes to this node. */
  CompletionStage<Void> publish(Principal principal, Message message);

  /** Subscribes to what is published at this node. */
  Flow.Publisher<Message> subscribe(Principal principal, String filter);
}
