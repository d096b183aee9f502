package io.carrick;

/** Whether the receiving side may have taken a message whose call failed. */
public enum Delivered {
  /** It was not: to send it again cannot duplicate it. */
  NO,
  /** Nobody can tell: it was handed to a connection and no answer came back. */
  MAYBE,
  /** It was: the failure is the answer. */
  YES
}
