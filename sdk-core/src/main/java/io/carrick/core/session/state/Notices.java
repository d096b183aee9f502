package io.carrick.core.session.state;

import java.util.List;

/** What NOTICE frames said since the outside last looked. Serial section only. */
public final class Notices {

  /** One look: no endpoints where the peer advertised none anew, no token where it showed none. */
  public record Said(
      List<String> endpoints, boolean move, boolean draining, String token, boolean tokenWanted) {

    /** Without the token. */
    @Override
    public String toString() {
      return "Said" + endpoints;
    }
  }

  private static final Said NOTHING = new Said(List.of(), false, false, "", false);

  private Said said = NOTHING;
  private boolean any;

  void add(Said more) {
    any = true;
    said =
        new Said(
            more.endpoints().isEmpty() ? said.endpoints() : more.endpoints(),
            said.move() || more.move(),
            said.draining() || more.draining(),
            more.token().isEmpty() ? said.token() : more.token(),
            said.tokenWanted() || more.tokenWanted());
  }

  public boolean isEmpty() {
    return !any;
  }

  public Said take() {
    Said taken = said;
    said = NOTHING;
    any = false;
    return taken;
  }
}
