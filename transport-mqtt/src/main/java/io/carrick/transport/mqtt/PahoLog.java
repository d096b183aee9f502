package io.carrick.transport.mqtt;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Paho's own log. */
final class PahoLog {

  // Kept, or its level goes with it.
  private static final Logger LOG = Logger.getLogger("org.eclipse.paho.mqttv5");

  private PahoLog() {}

  /**
   * Has Paho say nothing, unless somebody has told it what to say: it writes a stack trace for each
   * broker that goes away, which connections tell of as well.
   */
  static synchronized void quiet() {
    if (LOG.getLevel() == null) {
      LOG.setLevel(Level.OFF);
    }
  }
}
