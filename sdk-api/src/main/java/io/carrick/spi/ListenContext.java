package io.carrick.spi;

import java.util.Objects;

/** What a listener gives to its messenger. Immutable. */
public final class ListenContext {

  private final Acceptor acceptor;
  private final Calls calls;

  private ListenContext(Acceptor acceptor, Calls calls) {
    this.acceptor = Objects.requireNonNull(acceptor, "acceptor");
    this.calls = Objects.requireNonNull(calls, "calls");
  }

  /** A context of who takes connections and who takes calls of peers without the SDK. */
  public static ListenContext of(Acceptor acceptor, Calls calls) {
    return new ListenContext(acceptor, calls);
  }

  /** Takes each session connection, on a thread of the transport. */
  public Acceptor acceptor() {
    return acceptor;
  }

  /** Takes native calls; a transport without a native edge ignores it. */
  public Calls calls() {
    return calls;
  }
}
