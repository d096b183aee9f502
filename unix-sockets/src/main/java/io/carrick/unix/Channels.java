package io.carrick.unix;

import java.io.Closeable;
import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** Closes what is of no use any more. */
public final class Channels {

  private static final System.Logger LOG = System.getLogger(Channels.class.getName());

  private static final int PROBE_BYTES = 64 * 1024;
  private static final byte[] NOTHING = {};

  private static volatile byte[] probe = NOTHING; // So that it is made.

  private Channels() {}

  /**
   * Loads what the log needs, which reads its configuration and the time zones from files: where no
   * descriptor is left nothing could be said any more.
   */
  public static void prepareLog() {
    LOG.log(
        System.Logger.Level.TRACE,
        "Listening since {0}, warnings are shown: {1}",
        ZonedDateTime.now(ZoneId.systemDefault()),
        LOG.isLoggable(System.Logger.Level.WARNING));
  }

  /**
   * To be called before a Unix socket is accepted or connected: fails where there is no memory for
   * that. The JDK 17 does not look whether there was some for the name of the socket, and the
   * process dies.
   */
  public static void requireMemory() {
    probe = new byte[PROBE_BYTES];
    if (probe.length > 0) {
      probe = NOTHING;
    }
  }

  /** Closes, and logs what fails at DEBUG. Any thread. */
  public static void close(Closeable channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "Closing " + channel + " failed", e);
    }
  }
}
