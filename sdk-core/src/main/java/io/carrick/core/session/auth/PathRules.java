package io.carrick.core.session.auth;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.spi.PeerInfo;
import org.jspecify.annotations.Nullable;

/** Whether a session may move to a path: its floor and its principal (R15). Pure. */
public final class PathRules {

  private static final String OWN_USER = System.getProperty("user.name", "");

  private PathRules() {}

  /** What the path gives end to end: through a broker nothing. */
  public static SecurityLevel security(PeerInfo path) {
    return path.brokered() ? SecurityLevel.NONE : path.security();
  }

  /** Whether nobody but the two sides can read what passes. */
  public static boolean confidential(PeerInfo path) {
    return !path.brokered()
        && (path.sameHost() || path.security().compareTo(SecurityLevel.ENCRYPTED) >= 0);
  }

  /** Why the path gives too little; null where it gives enough. */
  public static @Nullable String belowFloor(SecurityLevel floor, PeerInfo path) {
    SecurityLevel level = security(path);
    return level.compareTo(floor) < 0
        ? path.address() + " gives security " + level + ", and the session's floor is " + floor
        : null;
  }

  /** Why the path gives too little for a call that is open; null where it gives enough. */
  public static @Nullable String belowNeed(SecurityLevel needed, PeerInfo path) {
    SecurityLevel level = security(path);
    return level.compareTo(needed) < 0
        ? path.address() + " gives security " + level + ", and a call that is open needs " + needed
        : null;
  }

  /**
   * Whether a path may carry a session, and as whom (R15).
   *
   * @param refusal why it may not; null where it may
   * @param asNobody whether the session's principal is none from then on, for good
   * @param another whether only the principal is in the way, so that another session may begin
   *     there
   */
  public record Verdict(@Nullable String refusal, boolean asNobody, boolean another) {

    private static final Verdict AS_BEFORE = new Verdict(null, false, false);

    public static Verdict refused(String why) {
      return new Verdict(why, false, false);
    }
  }

  /**
   * Judges a path. Rights never rise by a move: where the path does not show who the session began
   * with, it is refused where this node relies on that, and else the principal falls to none. Asks
   * a rule of the application, which allows nothing where it fails.
   *
   * @param session what the paths of the session show; none once it has fallen
   */
  public static Verdict judge(
      Principal session, SecurityLevel floor, PeerInfo path, Resumption rules) {
    String below = belowFloor(floor, path);
    if (below != null) {
      return Verdict.refused(below);
    }
    Principal principal = path.principal();
    if (session.equals(Principal.NONE) || session.equals(principal)) {
      return Verdict.AS_BEFORE;
    }
    try {
      if (rules.alias().test(session, principal)) {
        return Verdict.AS_BEFORE;
      }
    } catch (Throwable t) {
      Contained.log(Failing.SAME_PRINCIPAL, t);
      return Verdict.refused(
          path.address()
              + " was not allowed for "
              + session
              + ", since the rule samePrincipal(…) failed: "
              + t.getClass().getName());
    }
    boolean ownUser =
        path.sameHost()
            && principal.kind().equals("unix")
            && !session.kind().equals("unix")
            && principal.name().equals(OWN_USER);
    if (ownUser) {
      return Verdict.AS_BEFORE;
    }
    if (!rules.relies() && floor == SecurityLevel.NONE) {
      return new Verdict(null, true, false);
    }
    String why =
        path.address()
            + " shows "
            + (principal.equals(Principal.NONE) ? "nobody" : "the peer as " + principal)
            + ", and the session began with "
            + session
            + ", on which this node relies ("
            + (rules.relies()
                ? "by an authorizer, tokens, samePrincipal or a need of security"
                : "by the floor " + floor)
            + "): allow it by samePrincipal(...), or use endpoints that show the same";
    return new Verdict(why, false, true);
  }

  /**
   * Whether the acceptor should demand that other paths show who the initiator is: it would refuse
   * one that shows nobody.
   */
  public static boolean requiresIdentity(Principal session, SecurityLevel floor, Resumption rules) {
    PeerInfo nobody = PeerInfo.of("").withSecurity(SecurityLevel.MUTUAL);
    return judge(session, floor, nobody, rules).refusal() != null;
  }

  /**
   * Why the acceptor, which relies on who this side is, has refused the path: it shows this side by
   * another kind of principal than the one before. Null where that cannot be the reason.
   */
  public static @Nullable String showsAnother(String acceptor, PeerInfo before, PeerInfo path) {
    return path.principal().kind().equals(before.principal().kind())
        ? null
        : path.address()
            + " shows this node to "
            + acceptor
            + " as another than "
            + before.address()
            + " did, and it relies on that: at "
            + acceptor
            + ", allow it by samePrincipal(...), or use endpoints that show the same";
  }

  /** Why the acceptor will refuse the path, which does not show it who this side is. */
  public static @Nullable String hidesInitiator(String acceptor, PeerInfo path) {
    return security(path) == SecurityLevel.MUTUAL
        ? null
        : path.address()
            + " does not show "
            + acceptor
            + " who this node is, and it relies on that: at "
            + acceptor
            + ", allow it by samePrincipal(...), or use endpoints that show the same";
  }
}
