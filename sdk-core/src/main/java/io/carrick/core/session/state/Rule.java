package io.carrick.core.session.state;

/**
 * The rules of docs/session.md that a simulation can leave out, to show that it notices. Sessions
 * of applications keep all of them.
 */
public enum Rule {
  /** R1: a frame that came before is dropped. */
  DROP_DUPLICATES,
  /** R1: a frame behind a gap breaks the connection. */
  REFUSE_GAPS,
  /** R2: a frame is kept until the session acknowledges it. */
  KEEP_UNTIL_ACK,
  /** R6: an attempt before the one that counts is over. */
  RISING_EPOCHS,
  /** R7: what an older connection says is ignored. */
  FENCE,
  /** R8: what the peer lacks goes again. */
  REPLAY,
  /** R11, F11: silence breaks a connection. */
  LIVENESS,
  /** F11: a PING says what was sent. */
  SENT_IN_PING,
  /** R12: a full replay buffer pushes back. */
  BACK_PRESSURE,
  /** R13: credit is absolute. */
  ABSOLUTE_CREDIT,
  /** R14: the end of the session is acknowledged. */
  ACKNOWLEDGED_END,
  /** F2: calls that wait are few. */
  WAITING_BOUND,
  /** F7: a long message is granted whole, while all of it fits the budget. */
  WHOLE_GRANTS,
  /** F6: what was taken gives credit back. */
  CREDIT_GOES_BACK,
  /** F10: an ACK waits 25 ms at most. */
  TIMELY_ACK,
  /** F9: an end says whether the call was delivered. */
  TRUTHFUL_ENDS,
  /** Resume: the key before stays valid until the initiator has the new one. */
  KEY_BEFORE,
  /** R15: on a path that does not show who the peer is it is nobody, for good. */
  FALLING_RIGHTS
}
