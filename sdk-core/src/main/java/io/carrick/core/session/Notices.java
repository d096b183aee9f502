package io.carrick.core.session;

import java.util.List;

/** What NOTICE frames said since the outside last looked. Serial section only. */
final class Notices {

  /** One look: no endpoints where the peer advertised none anew. */
  record Said(List<String> endpoints, boolean move, boolean draining) {}

  private static final Said NOTHING = new Said(List.of(), false, false);

  private Said said = NOTHING;
  private boolean any;

  void add(List<String> endpoints, boolean move, boolean draining) {
    any = true;
    said =
        new Said(
            endpoints.isEmpty() ? said.endpoints() : endpoints,
            said.move() || move,
            said.draining() || draining);
  }

  boolean isEmpty() {
    return !any;
  }

  Said take() {
    Said taken = said;
    said = NOTHING;
    any = false;
    return taken;
  }
}
