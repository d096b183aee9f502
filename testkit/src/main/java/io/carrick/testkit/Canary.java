package io.carrick.testkit;

/** Counts when somebody builds it: no body may. */
final class Canary {
  static {
    CodecContract.INITIALISED.incrementAndGet();
  }

  public int x;
}
