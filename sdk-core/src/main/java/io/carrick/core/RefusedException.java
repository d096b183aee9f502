package io.carrick.core;

/** Carries a failure that is ready to travel through stages and publishers. */
final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  RefusedException(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** A failure as interceptors see it. */
  static Throwable open(Throwable thrown) {
    return Failure.unwrap(thrown) instanceof RefusedException refused
        ? refused.failure().toException()
        : thrown;
  }

  Failure failure() {
    return failure;
  }
}
