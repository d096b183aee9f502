package io.carrick;

import java.util.List;
import java.util.Optional;

/**
 * The record of a choice of path. {@code toString()} prints a table.
 *
 * @param service the remote's service; empty where it is not known
 * @param requirements the needs it was made for
 * @param chosen the endpoint in use; empty where there is none
 * @param candidates every endpoint, best first, the rejected ones last
 * @param events what happened to the session and its paths, oldest first, at most 64
 */
public record Explanation(
    String service,
    Requirements requirements,
    Optional<String> chosen,
    List<Candidate> candidates,
    List<PathEvent> events) {

  public Explanation {
    candidates = List.copyOf(candidates);
    events = List.copyOf(events);
  }

  /**
   * One endpoint and what is known of it.
   *
   * @param endpoint its URI
   * @param eligible whether it meets the hard needs
   * @param reasons why it stands where it stands, or why it was rejected and what would help
   * @param rttMicros the round-trip time in microseconds, the median of the last five measurements;
   *     -1 where there is none
   * @param samples how often it was measured over the connection that it is of
   * @param score the round trip that ranks it, in microseconds: measured, or declared by its
   *     transport while there are too few samples; the least is best
   * @param failures connection attempts that failed since the last success
   * @param advertised whether the service named it, and not the configuration
   */
  public record Candidate(
      String endpoint,
      boolean eligible,
      List<String> reasons,
      long rttMicros,
      int samples,
      long score,
      int failures,
      boolean advertised) {
    public Candidate {
      reasons = List.copyOf(reasons);
    }
  }

  /** The same record as one JSON object. */
  public String toJson() {
    return ExplanationText.json(this);
  }

  @Override
  public String toString() {
    return ExplanationText.table(this);
  }
}
