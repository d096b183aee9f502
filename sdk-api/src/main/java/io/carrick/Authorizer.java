package io.carrick;

/**
 * Decides whether a peer may do something. Called for each call that comes in, for the filter of
 * each subscription and for each topic that a peer wants to serve, on the thread that reads the
 * connection. For each message to a peer's subscription it is called on the thread that publishes
 * the message, before that goes into the subscription's queue: the reader of the publisher's
 * connection, or the application's thread that calls {@link Messenger#publish}. So what is denied
 * takes no place in a queue, and no thread is waited for. It is called by several threads at once,
 * and must not block. The default of a messenger allows everything.
 */
@FunctionalInterface
public interface Authorizer {

  /** Whether the principal may do this; false is answered with PERMISSION_DENIED. */
  boolean allows(Principal principal, Action action, String topicOrFilter);

  /** What a peer wants to do. */
  enum Action {
    /** Send a one-way message. */
    SEND,
    /** Make a request. */
    REQUEST,
    /** Open a stream. */
    STREAM,
    /** Open a channel. */
    CHANNEL,
    /** Publish a message. */
    PUBLISH,
    /** Subscribe by a filter. */
    SUBSCRIBE,
    /** Receive one message of a subscription. */
    RECEIVE,
    /** Answer what others call on a topic of this node, from a native edge. */
    SERVE
  }
}
