package io.carrick.core;

import io.carrick.ConnectException;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.core.session.End;
import io.carrick.core.session.Session;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Tries endpoints one after the other until one gives a session. */
final class Dialer {

  /** What transports may take longer than they promise. */
  private static final long GRACE_MILLIS = 1_000;

  private final Node node;
  private final String expectedService;
  private final Paths paths;
  private final BiConsumer<Session, End> lost;

  Dialer(Node node, String expectedService, Paths paths, BiConsumer<Session, End> lost) {
    this.node = node;
    this.expectedService = expectedService;
    this.paths = paths;
    this.lost = lost;
  }

  /** A session and where it was found. */
  record Dialled(Session session, Endpoint endpoint) {}

  /** Fails with a ConnectException that names every endpoint and its failure. */
  CompletableFuture<Dialled> dial(List<Endpoint> ranked, Requirements needs) {
    Round round = new Round(ranked, needs);
    round.next(0);
    return round.result;
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
      connect(endpoint)
          .whenComplete(
              (session, failure) -> {
                if (session != null) {
                  paths.connected(endpoint, "session with " + session.peer().service());
                  result.complete(new Dialled(session, endpoint));
                } else {
                  Throwable cause =
                      failure == null ? new IllegalStateException("no session") : failure;
                  failures.add(Failure.unwrap(cause));
                  paths.failed(endpoint, String.valueOf(Failure.unwrap(cause).getMessage()));
                  next(index + 1);
                }
              });
    }

    private CompletionStage<Session> connect(Endpoint endpoint) {
      try {
        CompletableFuture<Connection> attempt =
            node.transports().transport(endpoint).connect(endpoint).toCompletableFuture();
        return attempt
            .copy()
            .orTimeout(node.connectTimeout().toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS)
            .whenComplete(
                (connection, failure) -> {
                  if (failure != null) {
                    attempt.cancel(false);
                  }
                })
            .thenCompose(this::shakeHands);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private CompletionStage<Session> shakeHands(Connection connection) {
      if (connection.peer().security().compareTo(needs.security()) < 0) {
        connection.close(CloseReason.local("security below the need"));
        return CompletableFuture.failedFuture(
            new ConnectException(
                StatusCode.FAILED_PRECONDITION,
                "security "
                    + connection.peer().security()
                    + " was reached where "
                    + needs.security()
                    + " is needed",
                null));
      }
      PeerLink[] link = new PeerLink[1];
      link[0] =
          new PeerLink(
              node.router(),
              session -> RemoteView.ofPeer(node, session),
              (ended, reason) -> {
                Session session = ended.session();
                if (session != null) {
                  lost.accept(session, reason);
                }
              });
      return Session.initiate(connection, node.config(), expectedService, node.runtime(), link[0])
          .thenApply(
              session -> {
                link[0].started(session);
                return session;
              });
    }

    private ConnectException failure() {
      StringBuilder message = new StringBuilder("nobody answered");
      @Nullable Throwable first = failures.isEmpty() ? null : failures.get(0);
      StatusCode code = StatusCode.UNAVAILABLE;
      for (int i = 0; i < ranked.size(); i++) {
        Throwable failure = failures.get(i);
        message
            .append(i == 0 ? " at " : "; ")
            .append(ranked.get(i))
            .append(": ")
            .append(failure.getMessage() == null ? failure : failure.getMessage());
        if (ranked.size() == 1 && failure instanceof ConnectException e) {
          code = e.code();
        }
      }
      return new ConnectException(code, message.toString(), first);
    }
  }
}
