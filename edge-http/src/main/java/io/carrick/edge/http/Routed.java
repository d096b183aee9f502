package io.carrick.edge.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the head of a request asks for. */
sealed interface Routed {

  /** No call: it is answered at once. */
  record Refused(Answer answer) implements Routed {}

  /**
   * A call.
   *
   * @param deadline positive; null for none
   * @param accept the content types that its caller takes, best first; empty for any
   */
  record Taken(Kind kind, Dialect dialect, @Nullable Duration deadline, List<String> accept)
      implements Routed {}
}
