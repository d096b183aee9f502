package io.carrick.core.session;

/** What goes wrong in a simulated life. */
enum SimFault {
  /** A connection dies, and what is on its way is cut anywhere. */
  KILL,
  /** One end of a dead connection is never told. */
  HALF_OPEN,
  /** A direction, or both, swallows all, perhaps for a while: then it arrives late. */
  BLACK_HOLE,
  /** A frame vanishes while the connection lives. */
  LOSS,
  /** The last frames before all is quiet vanish while the connection lives. */
  TAIL_LOSS,
  /** Every third message is long; every second session has little room for calls that wait. */
  CROWD,
  /** A frame comes twice. */
  DUPLICATION,
  /** The session moves while the old connection works. */
  MOVE,
  /** The acceptor's process dies, and another instance listens. */
  RESTART_SERVER,
  /** The initiator's process dies. */
  RESTART_CLIENT,
  /** A process stands still. */
  PAUSE,
  /** A dialled endpoint leads to another instance. */
  WRONG_DOOR,
  /** Dialling fails. */
  REFUSED,
  /** A connection dies in the middle of a resume. */
  KILL_RESUME,
  /** A PROOF arrives when the initiator has given up, and tries again. */
  LATE_PROOF,
  /** A side closes the session. */
  CLOSE,
  /** A connection throws while a session writes to it. */
  BAD_CONNECTION,
  /** What a session calls back throws, after it has done its work. */
  BAD_CALLBACK,
  /** What hands tasks over together throws. */
  BAD_EXECUTOR,
  /** There is no memory, anywhere within the serial section. */
  NO_MEMORY,
  /** The timer's thread is held up, for up to a minute. */
  LATE_TIMER,
  /** A path that could be dialled gives less security than the session's floor. */
  WEAK_PATH,
  /**
   * A path that could be dialled shows nobody, and no floor holds; some sides rely on who it is.
   */
  NOBODY_PATH,
  /** After a wrong door another session begins, and this one is kept for what it holds. */
  PUT_ASIDE
}
