package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.core.select.Candidate;
import io.carrick.core.select.Choice;
import io.carrick.core.session.Session;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a session can be moved now. Safe for use by any thread. */
final class MoveTargets {

  private static final String CANNOT_TAKE = "it cannot take over the session that there is: ";

  private final EndpointTable table;
  private final Requirements needs;
  private final PathDialer dialer;
  private final Session session;

  MoveTargets(EndpointTable table, Requirements needs, PathDialer dialer, Session session) {
    this.table = table;
    this.needs = needs;
    this.dialer = dialer;
    this.session = session;
  }

  /** What another path must give now: what the line needs, the floor, and what open calls need. */
  Requirements wanted() {
    return needs.and(Requirements.security(session.required()));
  }

  /** What can be said of the endpoints now, those included that were advertised to this session. */
  Choice choose(Requirements needs) {
    return table.chooseAll(needs, dialer.advertised());
  }

  /** Where else the session's instance listens. */
  Map<Endpoint, Capabilities> advertised() {
    return dialer.advertised();
  }

  /** Why some of all endpoints are not dialled, or cannot take the session over. */
  Map<Endpoint, String> refused() {
    Map<Endpoint, String> all = new LinkedHashMap<>(dialer.refused());
    for (Choice.Ranked ranked : choose(needs).ranked()) {
      Candidate candidate = ranked.candidate();
      cannotTake(session, candidate)
          .ifPresent(why -> all.put(candidate.endpoint(), CANNOT_TAKE + why));
    }
    return all;
  }

  /** Why nothing can be moved there; null where it can be tried. */
  @Nullable MessagingException refuses(Endpoint to) {
    Choice choice = choose(wanted());
    if (choice.ranked().stream().anyMatch(r -> r.candidate().endpoint().equals(to))) {
      return null;
    }
    for (Choice.Rejected rejected : choice.rejected()) {
      if (rejected.candidate().endpoint().equals(to)) {
        String why = to + " does not do now: " + rejected.rejection().reason();
        return new ConnectException(StatusCode.FAILED_PRECONDITION, "not moved: " + why, null);
      }
    }
    return new EndpointException(
        StatusCode.INVALID_ARGUMENT, to + " is no endpoint of this remote: see explain()", null);
  }

  /** Best first; the present one last or not at all. */
  List<Endpoint> others(Endpoint here, boolean without) {
    List<Endpoint> all = new ArrayList<>();
    for (Choice.Ranked ranked : choose(wanted()).ranked()) {
      all.add(ranked.candidate().endpoint());
    }
    if (all.remove(here) && !without) {
      all.add(here);
    }
    return all;
  }

  /** Why an endpoint of the remote cannot carry its session, as far as is known. */
  static Optional<String> cannotTake(Session session, Candidate candidate) {
    return session.cannotTake(candidate.endpoint().toString(), candidate.capabilities());
  }
}
