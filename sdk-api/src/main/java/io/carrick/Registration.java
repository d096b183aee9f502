package io.carrick;

/** A handler or a subscription that is in place until it is closed. */
public interface Registration extends AutoCloseable {

  /** Takes it away; calls that run go on. Idempotent, from any thread, never blocks. */
  @Override
  void close();
}
