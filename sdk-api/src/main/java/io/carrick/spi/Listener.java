package io.carrick.spi;

/** A bound endpoint. */
public interface Listener extends AutoCloseable {

  /** Where it listens, with its real port (C13). */
  Endpoint endpoint();

  /**
   * Tells whoever looks that nothing new should come here, and goes on taking and serving what
   * comes. Idempotent, any thread, never blocks.
   */
  default void drain() {}

  /**
   * How many calls of peers without the SDK are open that end by themselves, so not subscriptions;
   * a node that drains waits for them.
   */
  default int openCalls() {
    return 0;
  }

  /** Stops listening and leaves accepted connections alone (C14). Idempotent, any thread. */
  @Override
  void close();
}
