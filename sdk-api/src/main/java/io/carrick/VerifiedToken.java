package io.carrick;

import java.time.Instant;

/**
 * What a token that is to be trusted says.
 *
 * @param name who bears it: the name of a {@link Principal} of kind {@code token}; 1 to 512
 *     characters, none of which steers a terminal or the direction of text
 * @param expires until when it counts, with what is allowed for clocks that differ; then the
 *     session that it began ends, unless the peer has sent another one for the same name
 */
public record VerifiedToken(String name, Instant expires) {

  private static final int MAX_NAME = 512;

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is no name
   */
  public VerifiedToken {
    if (name.isEmpty() || name.length() > MAX_NAME || name.codePoints().anyMatch(c -> steers(c))) {
      throw new IllegalArgumentException(
          "a name of "
              + name.length()
              + " characters, and one has 1 to "
              + MAX_NAME
              + " that are no control characters: refuse the token");
    }
  }

  private static boolean steers(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
