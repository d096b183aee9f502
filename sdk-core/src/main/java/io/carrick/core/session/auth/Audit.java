package io.carrick.core.session.auth;

import io.carrick.core.run.Contained;
import io.carrick.spi.PeerInfo;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Writes what was refused for security to the log {@code io.carrick.audit}: one line of JSON each,
 * whatever a peer put into it (T17). At most {@link #MAX_LINES} lines a second for each event go
 * out, so that a hostile peer fills no disk; the next line then says how many were left out. Safe
 * for use by any thread.
 */
public final class Audit {

  /** What was refused; in the line in lower case with hyphens. */
  public enum Event {
    /** A side was not taken as a peer: version, service, floor or key. */
    HELLO_REFUSED,
    /** A session was not moved to a path: floor or principal. */
    PATH_REFUSED,
    /** A session went on over a path that does not show who it began with: it is nobody's now. */
    PRINCIPAL_GIVEN_UP,
    /** A resume was not proved, or its session is not known. */
    RESUME_REFUSED,
    /** A token was not taken. */
    TOKEN_REFUSED,
    /** A session was shown a token of somebody else. */
    TOKEN_OF_ANOTHER,
    /** A session without a principal ended for a newcomer. */
    SESSION_SHED,
    /** A peer broke the protocol. */
    PROTOCOL_VIOLATED,
    /** A principal may not do what it asked for. */
    DENIED;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The name of the log. */
  public static final String NAME = "io.carrick.audit";

  /** Lines a second for each event. */
  static final int MAX_LINES = 100;

  /** Characters of a value; the rest is cut. */
  static final int MAX_VALUE = 1_024;

  private static final System.Logger LOG = System.getLogger(NAME);
  private static final Map<Event, Limit> LIMITS = limits();
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Event event;
  private final Map<String, String> fields = new LinkedHashMap<>();

  private Audit(Event event) {
    this.event = event;
  }

  private static Map<Event, Limit> limits() {
    Map<Event, Limit> limits = new EnumMap<>(Event.class);
    for (Event event : Event.values()) {
      limits.put(event, new Limit());
    }
    return Collections.unmodifiableMap(limits);
  }

  /** Begins a line. */
  public static Audit of(Event event) {
    return new Audit(event);
  }

  /** Begins a line about a path: which side refuses, the address, and who stands there. */
  public static Audit of(Event event, String side, PeerInfo path) {
    return new Audit(event)
        .with("side", side)
        .with("address", path.address())
        .with("shown", path.principal());
  }

  /** Adds a field; the name is ours, the value may be anybody's. */
  public Audit with(String name, Object value) {
    fields.put(name, value.toString());
    return this;
  }

  /**
   * Writes the line, unless there were too many. Throws nothing: what is refused is refused whether
   * the log works or not.
   */
  public void log() {
    try {
      long leftOut = Objects.requireNonNull(LIMITS.get(event)).admit(System.nanoTime());
      if (leftOut >= 0 && LOG.isLoggable(System.Logger.Level.WARNING)) {
        LOG.log(System.Logger.Level.WARNING, json(Instant.now(), leftOut));
      }
    } catch (Throwable t) {
      Contained.unsaid();
    }
  }

  String json(Instant time, long leftOut) {
    StringBuilder out = new StringBuilder(256);
    out.append("{\"event\":\"").append(event.text);
    out.append("\",\"time\":\"").append(time).append('"');
    fields.forEach(
        (name, value) -> {
          out.append(",\"").append(name).append("\":\"");
          escape(value, out);
          out.append('"');
        });
    if (leftOut > 0) {
      out.append(",\"leftOut\":").append(leftOut);
    }
    return out.append('}').toString();
  }

  /** Printable ASCII stays; so no control, no line end, no change of direction is left. */
  private static void escape(String value, StringBuilder out) {
    int end = Math.min(value.length(), MAX_VALUE);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c >= 0x20 && c < 0x7f) {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    if (end < value.length()) {
      out.append("\\u2026");
    }
  }

  /** So many lines in each second. */
  static final class Limit {
    private long since;
    private int lines;
    private long leftOut;

    /** How many were left out before this line; negative where this one is. */
    synchronized long admit(long now) {
      if (lines == 0 || now - since >= SECOND_NANOS) {
        since = now;
        lines = 0;
      }
      if (lines == MAX_LINES) {
        leftOut++;
        return -1;
      }
      lines++;
      long before = leftOut;
      leftOut = 0;
      return before;
    }
  }
}
