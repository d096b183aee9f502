package io.carrick;

/**
 * Who goes first before a frame gets its place in a session. Within one session high, normal and
 * bulk share a busy connection 16 : 4 : 1 by bytes; none starves.
 */
public enum Priority {
  NORMAL,
  HIGH,
  BULK
}
