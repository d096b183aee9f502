package io.carrick.transport.unix;

import java.io.Closeable;
import java.io.IOException;

/** Closes what is of no use any more. */
final class Channels {

  private static final System.Logger LOG = System.getLogger(Channels.class.getName());

  private Channels() {}

  static void close(Closeable channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "Closing " + channel + " failed", e);
    }
  }
}
