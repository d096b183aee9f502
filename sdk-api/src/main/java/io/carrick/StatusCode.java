package io.carrick;

/**
 * The outcome of a call. Names, numbers and meaning are those of gRPC (grpc/doc/statuscodes.md), so
 * that a status passes through a gRPC edge unchanged.
 */
public enum StatusCode {
  OK,
  CANCELLED,
  UNKNOWN,
  INVALID_ARGUMENT,
  DEADLINE_EXCEEDED,
  NOT_FOUND,
  ALREADY_EXISTS,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  ABORTED,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  INTERNAL,
  UNAVAILABLE,
  DATA_LOSS,
  UNAUTHENTICATED;

  private static final StatusCode[] VALUES = values();

  /** The number of this code on the wire, 0 to 16. */
  @SuppressWarnings("EnumOrdinal") // The constants stand in the order of gRPC's numbers.
  public int number() {
    return ordinal();
  }

  /** The code of a number, {@link #UNKNOWN} for a number that this version does not know. */
  public static StatusCode of(int number) {
    return number >= 0 && number < VALUES.length ? VALUES[number] : UNKNOWN;
  }
}
