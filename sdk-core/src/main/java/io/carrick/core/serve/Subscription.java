package io.carrick.core.serve;

import io.carrick.Call;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.core.message.Failure;
import org.jspecify.annotations.Nullable;

/** A subscription at this node, of this node or of a peer. */
interface Subscription {

  /** The filter that selects its topics. */
  String filter();

  /** Takes a place for one message; a failure if there is none, and the publish is refused. */
  @Nullable Failure reserve(Origin origin);

  /** Gives a reserved place back. */
  void unreserve();

  /**
   * Takes a message into the reserved place.
   *
   * @param call what it came by
   */
  void deliver(Publication publication, Call call);

  /** The node goes away: what was taken is delivered, and a peer's subscription ends then. */
  default void finish() {}

  /** Whether what was taken has been handled, or given to the peer. */
  boolean isIdle();

  /**
   * A message on its way to subscriptions.
   *
   * @param message as it came
   * @param payload its bytes, shared by all who send them on
   * @param origin where it came from
   * @param ticket what the publish waits for
   */
  record Publication(Message message, byte[] payload, Origin origin, PublishCompletion ticket) {

    String topic() {
      return message.topic();
    }

    Headers headers() {
      return message.headers();
    }

    String contentType() {
      return message.contentType();
    }
  }
}
