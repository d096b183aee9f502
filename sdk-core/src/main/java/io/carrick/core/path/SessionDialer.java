package io.carrick.core.path;

import io.carrick.ConnectException;
import io.carrick.MessagingException;
import io.carrick.PathEvent;
import io.carrick.Requirements;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.message.Failure;
import io.carrick.core.run.Delays;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Tries endpoints one after the other until one gives a session. */
final class SessionDialer {

  /** What transports may take longer than they promise. */
  private static final long GRACE_NANOS = 1_000_000_000L;

  private final MessengerContext node;
  private final String expectedService;
  private final EndpointTable table;
  private final PathEvents events;
  private final BiConsumer<Session, End> lost;

  SessionDialer(
      MessengerContext node,
      String expectedService,
      EndpointTable table,
      PathEvents events,
      BiConsumer<Session, End> lost) {
    this.node = node;
    this.expectedService = expectedService;
    this.table = table;
    this.events = events;
    this.lost = lost;
  }

  /** A session, what this node keeps of it, and where it was found. */
  record Dialled(Session session, PeerLink link, Endpoint endpoint) {}

  /** Fails with a ConnectException that names every endpoint and its failure. */
  CompletableFuture<Dialled> dial(List<Endpoint> ranked, Requirements needs) {
    Round round = new Round(ranked, needs);
    round.next(0);
    return round.result;
  }

  /** What an endpoint takes at most: to connect, and to shake hands. */
  static long mostNanos(MessengerContext node) {
    return 2 * Delays.nanos(node.connectTimeout()) + GRACE_NANOS;
  }

  /** One connection, within the time to connect. */
  static CompletionStage<Connection> connect(MessengerContext node, Endpoint endpoint) {
    try {
      CompletableFuture<Connection> attempt =
          node.transports().transport(endpoint).connect(endpoint).toCompletableFuture();
      CompletableFuture<Connection> inTime = attempt.copy();
      Delays.Delay limit =
          node.delays()
              .after(
                  Delays.nanos(node.connectTimeout()) + GRACE_NANOS,
                  () -> tooLate(node, endpoint, inTime));
      return inTime.whenComplete(
          (connection, failure) -> {
            limit.cancel();
            if (failure != null && !attempt.cancel(false)) {
              // It came in the same moment, and nobody else has it.
              attempt.thenAccept(late -> late.close(CloseReason.local("it came too late")));
            }
          });
    } catch (Throwable t) {
      // Of a transport: it is one endpoint that fails, whatever it throws.
      return CompletableFuture.failedFuture(t);
    }
  }

  private static void tooLate(
      MessengerContext node, Endpoint at, CompletableFuture<Connection> attempt) {
    attempt.completeExceptionally(
        new ConnectException(at + " gave no connection within " + node.connectTimeout(), null));
  }

  private final class Round {

    private final List<Endpoint> ranked;
    private final Requirements needs;
    private final List<Throwable> failures = new ArrayList<>();
    private final CompletableFuture<Dialled> result = new CompletableFuture<>();

    Round(List<Endpoint> ranked, Requirements needs) {
      this.ranked = ranked;
      this.needs = needs;
    }

    void next(int index) {
      if (index == ranked.size()) {
        result.completeExceptionally(failure());
        return;
      }
      Endpoint endpoint = ranked.get(index);
      dial(endpoint)
          .whenComplete(
              (found, failure) -> {
                try {
                  dialled(index, found, failure);
                } catch (Throwable t) {
                  // Who waits must hear of an end, whatever befalls this thread.
                  result.completeExceptionally(t);
                }
              });
    }

    private void dialled(int index, @Nullable Dialled found, @Nullable Throwable failure) {
      Endpoint endpoint = ranked.get(index);
      if (found != null) {
        table.worked(endpoint);
        events.add(
            PathEvent.What.CONNECTED,
            "",
            endpoint.toString(),
            "session with " + found.session().peer().service());
        result.complete(found);
      } else {
        Throwable cause = failure == null ? new IllegalStateException("no session") : failure;
        failures.add(Failure.unwrap(cause));
        String reason = String.valueOf(Failure.unwrap(cause).getMessage());
        events.add(PathEvent.What.FAILED, "", endpoint.toString(), reason);
        table.failed(endpoint, System.nanoTime());
        next(index + 1);
      }
    }

    private CompletionStage<Dialled> dial(Endpoint endpoint) {
      return connect(node, endpoint).thenCompose(c -> shakeHands(c, endpoint));
    }

    private CompletionStage<Dialled> shakeHands(Connection connection, Endpoint endpoint) {
      SecurityLevel floor = table.floor();
      SecurityLevel least = floor.compareTo(needs.security()) > 0 ? floor : needs.security();
      if (connection.peer().security().compareTo(least) < 0) {
        connection.close(CloseReason.local("security below the need"));
        return CompletableFuture.failedFuture(
            new ConnectException(
                StatusCode.FAILED_PRECONDITION,
                "security "
                    + connection.peer().security()
                    + " was reached where "
                    + least
                    + " is needed",
                null));
      }
      PeerLink[] link = new PeerLink[1];
      link[0] =
          new PeerLink(
              node,
              events,
              PathWatcher.NONE,
              (ended, reason) -> {
                Session session = ended.session();
                if (session != null) {
                  lost.accept(session, reason);
                }
              });
      return Session.initiate(connection, config(floor), expectedService, node.runtime(), link[0])
          .thenApply(
              session -> {
                link[0].started(session);
                return new Dialled(session, link[0], endpoint);
              });
    }

    /** A need of security is one of who the peer is. */
    private SessionConfig config(SecurityLevel floor) {
      SessionConfig config = node.config().withFloor(floor);
      boolean relies = needs.security() != SecurityLevel.NONE;
      return config.withResumption(config.resumption().relying(relies));
    }

    private ConnectException failure() {
      StringBuilder message = new StringBuilder("nobody answered");
      @Nullable Throwable first = failures.isEmpty() ? null : failures.get(0);
      for (int i = 0; i < ranked.size(); i++) {
        Throwable failure = failures.get(i);
        message
            .append(i == 0 ? " at " : "; ")
            .append(ranked.get(i))
            .append(": ")
            .append(failure.getMessage() == null ? failure : failure.getMessage());
      }
      return new ConnectException(code(), message.toString(), first);
    }

    /** That of the first, unless another attempt may help at one of them. */
    private StatusCode code() {
      for (Throwable failure : failures) {
        if (!(failure instanceof MessagingException e) || e.code() == StatusCode.UNAVAILABLE) {
          return StatusCode.UNAVAILABLE;
        }
      }
      return failures.get(0) instanceof MessagingException e ? e.code() : StatusCode.UNAVAILABLE;
    }
  }
}
