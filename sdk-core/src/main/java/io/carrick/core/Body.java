package io.carrick.core;

import org.jspecify.annotations.Nullable;

/** A decoded body, which is null where nothing was wanted. */
record Body<Q>(@Nullable Q nullable) {

  @SuppressWarnings("NullAway") // Who wants Void gets the only Void there is.
  Q value() {
    return nullable;
  }
}
