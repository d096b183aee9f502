package io.carrick.core.session;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.spi.PeerInfo;
import org.jspecify.annotations.Nullable;

/** Whether a session may move to a path: its floor and its principal (R15). Pure. */
final class PathRules {

  private static final String OWN_USER = System.getProperty("user.name", "");

  private PathRules() {}

  /** What the path gives end to end: through a broker nothing. */
  static SecurityLevel security(PeerInfo path) {
    return path.brokered() ? SecurityLevel.NONE : path.security();
  }

  /** Whether nobody but the two sides can read what passes. */
  static boolean confidential(PeerInfo path) {
    return !path.brokered()
        && (path.sameHost() || path.security().compareTo(SecurityLevel.ENCRYPTED) >= 0);
  }

  /** Why the path gives too little; null where it gives enough. */
  static @Nullable String belowFloor(SecurityLevel floor, PeerInfo path) {
    SecurityLevel level = security(path);
    return level.compareTo(floor) < 0
        ? path.address() + " gives security " + level + ", and the session's floor is " + floor
        : null;
  }

  /** Why the path gives too little for a call that is open; null where it gives enough. */
  static @Nullable String belowNeed(SecurityLevel needed, PeerInfo path) {
    SecurityLevel level = security(path);
    return level.compareTo(needed) < 0
        ? path.address() + " gives security " + level + ", and a call that is open needs " + needed
        : null;
  }

  /**
   * Why the path is refused; null where it is allowed. Asks a rule of the application, which allows
   * nothing where it fails.
   */
  static @Nullable String refuse(
      Principal session, SecurityLevel floor, PeerInfo path, Resumption rules) {
    String below = belowFloor(floor, path);
    if (below != null) {
      return below;
    }
    Principal principal = path.principal();
    if (session.equals(Principal.NONE) || session.equals(principal)) {
      return null;
    }
    try {
      if (rules.alias().test(session, principal)) {
        return null;
      }
    } catch (Throwable t) {
      Contained.log("a rule samePrincipal(…) failed", t);
      return path.address()
          + " was not allowed for "
          + session
          + ", since the rule samePrincipal(…) failed: "
          + t.getClass().getName();
    }
    boolean ownUser =
        path.sameHost()
            && principal.kind().equals("unix")
            && !session.kind().equals("unix")
            && principal.name().equals(OWN_USER);
    return ownUser
        ? null
        : path.address()
            + " shows the peer as "
            + principal
            + ", and the session began with "
            + session
            + ": allow it by samePrincipal(...), or use endpoints that show the same";
  }
}
