package io.carrick.core.frame;

/** The kinds of frame. */
public enum FrameType {
  OPEN(2),
  ITEM(3),
  ERROR(4),
  CANCEL(5),
  CREDIT(6),
  NOTICE(7),
  FIN(8),
  ACK(9),
  PING(10),
  PONG(11),
  PATH_CLOSE(12),
  HELLO(16),
  WELCOME(17),
  REJECT(18),
  RESUME(19),
  CHALLENGE(20),
  PROOF(21),
  RESUMED(22),
  /** A body that this version does not know. */
  UNKNOWN(0);

  private static final FrameType[] BY_FIELD = new FrameType[23];

  static {
    for (FrameType type : values()) {
      BY_FIELD[type.field] = type;
    }
  }

  private final int field;

  FrameType(int field) {
    this.field = field;
  }

  /** The field of the body in wire.proto. */
  int field() {
    return field;
  }

  /** The type whose body has this field; UNKNOWN where none has. */
  static FrameType ofField(int field) {
    FrameType type = field < BY_FIELD.length ? BY_FIELD[field] : null;
    return type == null ? UNKNOWN : type;
  }

  /** Whether only a side that has a session says it: all but the handshake. */
  public boolean ofSession() {
    return field >= OPEN.field && field <= PATH_CLOSE.field;
  }

  /** Whether it carries a sequence number. */
  public boolean sequenced() {
    return field >= OPEN.field && field <= FIN.field;
  }
}
