package io.carrick.core.frame;

import io.carrick.Authorizer;

/** The pattern of an exchange. */
public enum Kind {
  REQUEST,
  SEND,
  PUBLISH,
  STREAM,
  CHANNEL,
  SUBSCRIBE;

  private static final Kind[] VALUES = values();

  /** Its number in wire.proto, from 1. */
  public int number() {
    return ordinal() + 1;
  }

  /** What an authorizer is asked about it. */
  public Authorizer.Action action() {
    return switch (this) {
      case REQUEST -> Authorizer.Action.REQUEST;
      case SEND -> Authorizer.Action.SEND;
      case PUBLISH -> Authorizer.Action.PUBLISH;
      case STREAM -> Authorizer.Action.STREAM;
      case CHANNEL -> Authorizer.Action.CHANNEL;
      case SUBSCRIBE -> Authorizer.Action.SUBSCRIBE;
    };
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
