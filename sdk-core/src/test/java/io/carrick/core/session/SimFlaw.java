package io.carrick.core.session;

/** What the driver around the state machine could do wrong. */
enum SimFlaw {
  /** R7: frames of a connection that was replaced still count. */
  UNFENCED,
  /** R10: the old connection is closed before the new one is tried. */
  BREAK_BEFORE_MAKE,
  /** R18: another instance at an endpoint ends the session. */
  WRONG_DOOR_ENDS
}
