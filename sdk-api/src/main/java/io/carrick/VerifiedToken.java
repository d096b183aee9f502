package io.carrick;

import java.time.Instant;

/**
 * What a token that is to be trusted says.
 *
 * @param name who bears it: the name of a {@link Principal} of kind {@code token}, not empty
 * @param expires until when it counts, with what is allowed for clocks that differ; then the
 *     session that it began ends, unless the peer has sent another one for the same name
 */
public record VerifiedToken(String name, Instant expires) {

  /** Checks the name. */
  public VerifiedToken {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a verified token names nobody: refuse it instead");
    }
  }
}
