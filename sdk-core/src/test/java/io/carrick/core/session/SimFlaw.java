package io.carrick.core.session;

/** What whoever uses a session could do wrong. */
enum SimFlaw {
  /** R10: the old connection is closed before the new one is tried. */
  BREAK_BEFORE_MAKE,
  /** R18: another instance at an endpoint ends the session. */
  WRONG_DOOR_ENDS
}
