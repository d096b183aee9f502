package io.carrick;

import java.time.Instant;
import java.util.Objects;

/**
 * Something that happened to the path of a session. Applications hear of it by {@link
 * Remote#onPathEvent}, and the last ones stand in {@link Remote#explain()}. Immutable.
 *
 * @param at when, by the clock of this process
 * @param what what happened
 * @param from the endpoint that carried the session until then; empty where none did
 * @param to the endpoint that it is about; empty where there is none
 * @param reason why, for people
 */
public record PathEvent(Instant at, What what, String from, String to, String reason) {

  /** Checks that nothing is null. */
  public PathEvent {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(reason, "reason");
  }

  /** The kinds of events. */
  public enum What {
    /** A new session began on {@code to}. */
    CONNECTED,
    /** The session moved from {@code from} to {@code to}, which worked both. */
    MOVED,
    /** No connection carries the session; calls wait in it. */
    SUSPENDED,
    /**
     * Another session begins for new calls, since other instances answer or no path shows who is
     * there; this one is kept for what it holds, and goes on if its instance is found.
     */
    PUT_ASIDE,
    /** The session, suspended or suspect before, goes on over {@code to}. */
    RESUMED,
    /** {@code from} is silent: another path is opened beside it. */
    SUSPECT,
    /** The session is over; its calls end with it, on threads of their own. */
    LOST,
    /** An attempt to connect to {@code to} failed. */
    FAILED,
    /** {@code to} was not used, because a rule of this side forbids it. */
    REFUSED,
    /**
     * {@code to} does not show who the peer is, on which neither side relies: the session goes on
     * there, and the principal of the peer is {@link Principal#NONE} from now on, for good.
     */
    UNIDENTIFIED,
    /** The peer said that it listens on {@code to}, too. */
    ADVERTISED,
    /** The peer asked to be reached over another path. */
    ASKED,
    /** The peer goes away: new calls go over a new session. */
    DRAINING
  }

  /** One line for people. */
  @Override
  public String toString() {
    return at
        + "  "
        + what.name().toLowerCase(java.util.Locale.ROOT)
        + "  "
        + (from.isEmpty() || to.isEmpty() ? from + to : from + " -> " + to)
        + "  "
        + reason;
  }
}
