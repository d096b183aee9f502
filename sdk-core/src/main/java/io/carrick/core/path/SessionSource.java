package io.carrick.core.path;

import io.carrick.Explanation;
import io.carrick.MessagingException;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.spi.Capabilities;
import io.carrick.spi.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How calls come to a session with one service. Safe for use by any thread. */
public interface SessionSource {

  /** Takes the session that a call waits for. */
  interface Waiter {

    /**
     * There is a session; called in the order of {@link SessionSource#await}, in a callback.
     *
     * @return false if the session was of no use and the waiter waits for another
     */
    boolean connected(Session session);

    /** There will be none. */
    void failed(MessagingException reason);

    /** The bytes that it keeps while it waits. */
    int waitingBytes();

    /** How long a thread of the application may wait for a place to wait in. */
    long patienceNanos();

    /**
     * Whether it makes no call and is told when all others were, so that the next call needs not
     * wait.
     */
    default boolean isLast() {
      return false;
    }

    /** Whether it waits for the service until its deadline where all endpoints failed. */
    boolean waitForReady();
  }

  /** The owner of an exchange that may be made in another session. */
  interface Returning extends ExchangeOwner {

    /** What waits for that session in its place; null where nobody waits any more. */
    @Nullable Waiter goElsewhere();
  }

  /** What must not be forgotten while the line has a session. */
  default void ownedBy(SessionPool owner) {}

  /** The session to use; null where a call must wait for one. */
  @Nullable Session current();

  /** The session that is open, also while those who waited for it go first; null where none is. */
  default @Nullable Session open() {
    return current();
  }

  /** Waits for a session; opens one if nobody does yet. */
  void await(Waiter waiter);

  /** Does not wait any more. */
  void forget(Waiter waiter);

  boolean isClosed();

  /** Why the last attempts to open a session failed; empty where they did not. */
  default String lastFailure() {
    return "";
  }

  /** A call is made with these needs: its latency target counts for the path from now on. */
  default void used(Requirements needs) {}

  /** Whether one more call whose outcome is unknown may be sent again now; counts it. */
  default boolean mayRepeat() {
    return true;
  }

  /** Ends its session if no call is open in it; the next call opens another. */
  default void rest() {}

  /** Whether a call is open in its session, or waits for one. */
  default boolean isUsed() {
    return open() != null;
  }

  /** Ends it and its session in order. */
  CompletableFuture<Void> close(String reason);

  /** The service's name where it is known. */
  Optional<String> service();

  /** The configured endpoints. */
  List<String> endpoints();

  /** Moves the session; to any other path where there is no endpoint. */
  CompletableFuture<Void> move(@Nullable Endpoint to, Duration atMost);

  /** Demands this security of its session, and of those that it opens later. */
  void raiseFloor(SecurityLevel level);

  /** Where else the instance of its session listens, as that says. */
  default Map<Endpoint, Capabilities> advertised() {
    return Map.of();
  }

  /** The events of its paths. */
  PathEvents pathEvents();

  /** Why the path is what it is. */
  Explanation explain(Requirements needs);
}
