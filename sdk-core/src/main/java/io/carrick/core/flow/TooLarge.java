package io.carrick.core.flow;

import io.carrick.core.frame.Text;
import io.carrick.core.run.Contained;
import io.carrick.core.session.Session;

/**
 * What a subscriber misses because it is larger than its node takes: whoever publishes must not be
 * able to end the subscriptions of others. Said in the log once. One thread at a time.
 */
public final class TooLarge {

  private static final System.Logger LOG = System.getLogger("io.carrick.subscriptions");

  private final Session session;
  private final String filter;
  private boolean told;

  public TooLarge(Session session, String filter) {
    this.session = session;
    this.filter = filter;
  }

  /** Whether the subscriber misses a message with these bytes. */
  public boolean is(byte[] payload) {
    String why = session.exchanges().tooLarge(payload);
    if (why != null && !told) {
      told = true;
      Contained.say(
          LOG,
          System.Logger.Level.WARNING,
          "a message was left out of a subscription to " + Text.printable(filter) + ": " + why,
          null);
    }
    return why != null;
  }
}
