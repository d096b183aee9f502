package io.carrick.core.select;

import io.carrick.NoPathException;
import java.util.List;

/**
 * The ranking of all candidates of a remote.
 *
 * @param ranked those that meet the hard needs, best first
 * @param rejected the others, in configured order
 */
public record Choice(List<Ranked> ranked, List<Rejected> rejected) {
  public Choice {
    ranked = List.copyOf(ranked);
    rejected = List.copyOf(rejected);
  }

  /**
   * A candidate that may be used.
   *
   * @param candidate the candidate
   * @param reasons why it stands where it stands
   */
  public record Ranked(Candidate candidate, List<String> reasons) {
    public Ranked {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * A candidate that must not be used.
   *
   * @param candidate the candidate
   * @param rejection why, and what would help
   */
  public record Rejected(Candidate candidate, NoPathException.Rejection rejection) {}
}
