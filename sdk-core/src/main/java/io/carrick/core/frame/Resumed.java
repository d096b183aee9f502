package io.carrick.core.frame;

/** The new connection carries the session. Arrays are not copied: nobody may change them. */
public record Resumed(long epoch, long cum, byte[] mac) {
  @Override
  public String toString() {
    return "Resumed[epoch=" + epoch + "]";
  }
}
