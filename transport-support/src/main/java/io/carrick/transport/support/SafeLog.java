package io.carrick.transport.support;

/** Says that something failed where nothing may be thrown. */
public final class SafeLog {

  private SafeLog() {}

  /** Logs, if that is possible; throws nothing. */
  public static void log(
      System.Logger log, System.Logger.Level level, String what, Throwable thrown) {
    try {
      log.log(level, what, thrown);
    } catch (RuntimeException | Error unsaid) {
      // Where there is no memory, there is none to say so, and none to keep that either.
    }
  }
}
