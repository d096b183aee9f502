package io.carrick.core.message;

/** Carries a failure that is ready to travel through stages and publishers. */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  public RefusedException(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** A failure as interceptors see it. */
  public static Throwable open(Throwable thrown) {
    return Failure.unwrap(thrown) instanceof RefusedException refused
        ? refused.failure().toException()
        : thrown;
  }

  public Failure failure() {
    return failure;
  }
}
