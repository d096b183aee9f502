package io.carrick.spi;

/** A bound endpoint. */
public interface Listener extends AutoCloseable {

  /** Where it listens, with its real port (C13). */
  Endpoint endpoint();

  /** Stops listening and leaves accepted connections alone (C14). Idempotent, any thread. */
  @Override
  void close();
}
