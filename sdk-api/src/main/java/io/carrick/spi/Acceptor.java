package io.carrick.spi;

/** Takes the connections that a listener accepts. */
@FunctionalInterface
public interface Acceptor {

  /** Takes a connection; must call {@link Connection#receive} or close it, and must not block. */
  void accept(Connection connection);
}
