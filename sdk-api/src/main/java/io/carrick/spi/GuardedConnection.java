package io.carrick.spi;

/**
 * A connection whose transport keeps a peer small until the node knows it: reads little of it, and
 * closes it when too many others come. A transport offers this where it can; without the first
 * method the peer counts as known from the start.
 */
public interface GuardedConnection extends Connection {

  /** The node will say when it knows the peer; called inside {@link Acceptor#accept}. */
  void awaitAdmission();

  /** The node knows the peer. Any thread, idempotent, never blocks. */
  void admit();
}
