package io.carrick;

import java.util.Objects;

/**
 * Decides whether a peer may do something. Called for each call that comes in, for the filter of
 * each subscription and for each topic that a peer wants to serve, and for each message to a peer's
 * subscription. It is called by several threads at once and may take its time: no thread that reads
 * connections runs it, unless it is {@link #nonBlocking}, and nothing is delivered before it has
 * answered. Meanwhile other calls go on, those of the same peer too; only its sends to one topic
 * keep their order, and so do its publishes. Of one peer {@value #MAX_RUNNING} calls are asked
 * about at a time and {@value #MAX_WAITING} more wait; further ones are refused with
 * RESOURCE_EXHAUSTED. What it throws denies. The default of a messenger allows everything.
 *
 * <p>For {@link Action#RECEIVE} it is called on the thread that publishes the message, before that
 * goes into the subscription's queue: the application's thread that calls {@link
 * Messenger#publish}, or the one that asked whether a peer may publish. So what is denied takes no
 * place in a queue; and where this takes its time, that thread waits once for each subscription.
 */
@FunctionalInterface
public interface Authorizer {

  /** How many calls of one peer it is asked about at a time, where it may block. */
  int MAX_RUNNING = 32;

  /** How many more calls of one peer wait for that. */
  int MAX_WAITING = 1_024;

  /** Whether the principal may do this; false is answered with PERMISSION_DENIED. */
  boolean allows(Principal principal, Action action, String topicOrFilter);

  /**
   * Whether it never waits: not for a lock that is held for long, nor for a disk or a network. Then
   * it is asked in place, mostly on the thread that reads the connection, which saves a change of
   * thread for each call.
   */
  default boolean isNonBlocking() {
    return false;
  }

  /** The same, marked as one that never waits. */
  static Authorizer nonBlocking(Authorizer authorizer) {
    Objects.requireNonNull(authorizer, "authorizer");
    return new Authorizer() {
      @Override
      public boolean allows(Principal principal, Action action, String topicOrFilter) {
        return authorizer.allows(principal, action, topicOrFilter);
      }

      @Override
      public boolean isNonBlocking() {
        return true;
      }
    };
  }

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
