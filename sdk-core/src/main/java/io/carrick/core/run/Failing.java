package io.carrick.core.run;

/**
 * What can fail where nobody can catch it. These are made before anything fails: a text that is
 * needed for the first time needs memory, and would throw itself where there is none.
 */
public enum Failing {
  /** A thread or an attempt to make one. */
  TIMER("the timer failed, and goes on"),
  POOL("a thread of the pool failed, and goes on"),
  NO_THREAD("no thread could be made for handlers or callbacks"),
  DELAYS("the thread of delays failed, and goes on"),
  TELLER("a thread that tells what the timer found failed, and goes on"),
  DELAYED("what was due later failed"),
  NOT_TAKEN("an executor took no task"),
  TASK("a task of Carrick failed"),

  /** A connection. */
  SEND("a connection failed to send, and was given up"),
  CLOSE("a connection could not be closed"),
  NO_LAST_WORDS("a peer could not be told why its session is over"),
  READ("a frame could not be read"),

  /** A session. */
  BEGIN("a session could not begin"),
  SESSION("a session failed and has ended"),
  COMPRESSION("a message could not be compressed, and goes as it is"),
  EVENT("what happened to a session could not be told"),
  EXCHANGE("what came in for an exchange could not be handled"),
  EXCHANGE_END("an exchange could not be ended, so its session is"),
  HANDED_ONE_BY_ONE("handlers are given what came in one by one"),
  NOT_HANDED("handlers could not be given what came in"),
  SAME_PRINCIPAL("a rule samePrincipal(…) failed"),
  TOKEN_SOURCE("the source of tokens could not be asked"),

  /** What is above it. */
  OPEN("no session could be opened"),
  CALL("a call could not be made"),
  CALL_END("a call could not be failed"),
  MOVE("an attempt to move a session failed"),
  LISTENER("a listener of path events failed"),
  LISTENER_NOT_TOLD("a listener of path events could not be told");

  private final String text;

  Failing(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
