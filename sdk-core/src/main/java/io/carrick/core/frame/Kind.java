package io.carrick.core.frame;

import io.carrick.Authorizer;

/** The pattern of an exchange. */
public enum Kind {
  REQUEST(Authorizer.Action.REQUEST),
  SEND(Authorizer.Action.SEND),
  PUBLISH(Authorizer.Action.PUBLISH),
  STREAM(Authorizer.Action.STREAM),
  CHANNEL(Authorizer.Action.CHANNEL),
  SUBSCRIBE(Authorizer.Action.SUBSCRIBE);

  private static final Kind[] VALUES = values();

  private final Authorizer.Action action;

  Kind(Authorizer.Action action) {
    this.action = action;
  }

  /** Its number in wire.proto, from 1. */
  public int number() {
    return ordinal() + 1;
  }

  /** What an authorizer is asked about it. */
  public Authorizer.Action action() {
    return action;
  }

  /** Whether it is answered once and counts as a call: request, send, publish. */
  public boolean oneShot() {
    return this == REQUEST || this == SEND || this == PUBLISH;
  }

  static boolean known(int number) {
    return number >= 1 && number <= VALUES.length;
  }

  static Kind of(int number) {
    return VALUES[number - 1];
  }
}
