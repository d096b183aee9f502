package io.carrick.core.message;

import org.jspecify.annotations.Nullable;

/** A decoded body, which is null where nothing was wanted. */
public record Body<Q>(@Nullable Q nullable) {

  @SuppressWarnings("NullAway") // Who wants Void gets the only Void there is.
  public Q value() {
    return nullable;
  }
}
