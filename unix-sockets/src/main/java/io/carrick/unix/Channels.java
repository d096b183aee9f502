package io.carrick.unix;

import java.io.Closeable;
import java.io.IOException;

/** Closes what is of no use any more. */
public final class Channels {

  private static final System.Logger LOG = System.getLogger(Channels.class.getName());

  private Channels() {}

  /** Closes, and logs what fails at DEBUG. Any thread. */
  public static void close(Closeable channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "Closing " + channel + " failed", e);
    }
  }
}
