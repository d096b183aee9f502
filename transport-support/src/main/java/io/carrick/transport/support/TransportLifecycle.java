package io.carrick.transport.support;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.Acceptor;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a transport has open, and how it ends, C12 to C16 of docs/transport-contract.md: connects
 * that time out, are cancelled or come too late; listeners, and connections that are closed with
 * the transport. Safe for use by any thread.
 */
public final class TransportLifecycle {

  private static final System.Logger LOG = System.getLogger(TransportLifecycle.class.getName());

  private static final String CLOSED = "its transport is closed; create another one";
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

  private final String name;
  private final Duration connectTimeout;
  private final Object lock = new Object();

  // By lock.
  private final Set<Connection> connections = new HashSet<>();
  private final Set<Listener> listeners = new HashSet<>();
  private final Set<Runnable> dials = new HashSet<>(); // What cancels each.
  private boolean closed;

  /**
   * Nothing is open yet.
   *
   * @param name of the thread that closes the transport where {@link #close} is called on one of
   *     the transport's own
   * @param connectTimeout of {@link io.carrick.spi.TransportConfig}
   */
  public TransportLifecycle(String name, Duration connectTimeout) {
    this.name = name;
    this.connectTimeout = connectTimeout;
  }

  /** How a library connects. */
  @FunctionalInterface
  public interface Dial {

    /**
     * Starts to connect, without blocking. Completes the attempt, on any thread; where that says
     * false, or when the attempt is done before, nobody wants the connection any more, and what is
     * open is released.
     */
    void start(CompletableFuture<Connection> attempt);
  }

  /**
   * Connects, within the time-out. What the attempt fails with is told as a {@link
   * ConnectException}, unless it is a {@link MessagingException} already.
   */
  public CompletionStage<Connection> connect(Endpoint endpoint, Dial dial) {
    CompletableFuture<Connection> attempt = new CompletableFuture<>();
    CompletableFuture<Connection> result = new CompletableFuture<>();
    Runnable cancel = () -> attempt.cancel(false);
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(cannotConnect(endpoint, CLOSED, null));
      }
      dials.add(cancel);
    }
    attempt.whenComplete((connection, failure) -> settle(endpoint, result, connection, failure));
    result.whenComplete(
        (connection, failure) -> {
          synchronized (lock) {
            dials.remove(cancel);
          }
          cancel.run();
        });
    try {
      dial.start(attempt);
    } catch (RuntimeException | Error e) {
      attempt.completeExceptionally(e);
    }
    if (!attempt.isDone()) {
      attempt.orTimeout(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }
    return result;
  }

  private void settle(
      Endpoint endpoint,
      CompletableFuture<Connection> result,
      @Nullable Connection connection,
      @Nullable Throwable failure) {
    if (connection == null) {
      ConnectException late = failure instanceof TimeoutException ? late(endpoint) : null;
      if (late != null) { // The JDK's timer must not wait for what depends on the result.
        ForkJoinPool.commonPool().execute(() -> result.completeExceptionally(late));
      } else if (failure instanceof MessagingException) {
        result.completeExceptionally(failure);
      } else {
        String why =
            isOpen() ? failure + "; start the service there, or check the endpoint" : CLOSED;
        result.completeExceptionally(cannotConnect(endpoint, why, failure));
      }
    } else if (!adopt(connection)) {
      connection.close(CloseReason.local(CLOSED));
      result.completeExceptionally(cannotConnect(endpoint, CLOSED, null));
    } else if (!result.complete(connection)) {
      connection.close(CloseReason.local("the connect was cancelled"));
    }
  }

  private ConnectException late(Endpoint endpoint) {
    String why =
        "no answer within "
            + connectTimeout.toMillis()
            + " ms; look at what the service does, or raise the connect time-out";
    return cannotConnect(endpoint, why, null);
  }

  /**
   * Listens. What binding fails with is told as an {@link EndpointException}, unless it is a {@link
   * MessagingException} already.
   *
   * @param where runs the binding: a pool where that may block, else in place
   */
  public CompletionStage<Listener> listen(
      Endpoint endpoint, Executor where, Callable<? extends Listener> binding) {
    CompletableFuture<Listener> result = new CompletableFuture<>();
    where.execute(
        () -> {
          try {
            result.complete(bound(endpoint, binding));
          } catch (MessagingException e) {
            result.completeExceptionally(e);
          } catch (Exception | Error e) {
            String why = e + "; stop what listens there, or choose another endpoint";
            result.completeExceptionally(cannotListen(endpoint, why, e));
          }
        });
    return result;
  }

  private Listener bound(Endpoint endpoint, Callable<? extends Listener> binding) throws Exception {
    if (isOpen()) {
      Listener listener = binding.call();
      synchronized (lock) {
        if (!closed) {
          listeners.add(listener);
          return listener;
        }
      }
      listener.close();
    }
    throw cannotListen(endpoint, CLOSED, null);
  }

  /** Whether the transport is not closed. */
  public boolean isOpen() {
    synchronized (lock) {
      return !closed;
    }
  }

  /**
   * Hands an accepted connection to the node; closes it where the transport is closed, or the node
   * throws. On the thread for its callbacks.
   */
  public void accept(Connection connection, Acceptor acceptor) {
    if (!adopt(connection)) {
      connection.close(CloseReason.local(CLOSED));
      return;
    }
    try {
      acceptor.accept(connection);
    } catch (RuntimeException | Error e) {
      connection.close(CloseReason.local("the acceptor failed: " + e));
      SafeLog.log(LOG, System.Logger.Level.WARNING, "The acceptor failed", e);
    }
  }

  private boolean adopt(Connection connection) {
    synchronized (lock) {
      return !closed && connections.add(connection);
    }
  }

  /** A connection is over, and its library has nothing of it any more. */
  public void forget(Connection connection) {
    synchronized (lock) {
      connections.remove(connection);
      lock.notifyAll();
    }
  }

  /** A listener is closed. */
  public void forget(Listener listener) {
    synchronized (lock) {
      listeners.remove(listener);
    }
  }

  /**
   * Closes all that is open, waits a second at most until it is forgotten, and then stops the
   * library. Only starts that on a thread of the transport, for which the library could not wait. A
   * second call does nothing.
   *
   * @param library stops the threads, in 3 s at most
   */
  public void close(boolean onOwnThread, Runnable library) {
    List<Listener> listening;
    List<Connection> open;
    List<Runnable> dialling;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      listening = List.copyOf(listeners);
      open = List.copyOf(connections);
      dialling = List.copyOf(dials);
    }
    listening.forEach(Listener::close);
    open.forEach(c -> c.close(CloseReason.local("the transport was closed")));
    dialling.forEach(Runnable::run);
    Runnable rest =
        () -> {
          awaitConnections();
          library.run();
        };
    if (onOwnThread) {
      Thread closer = new Thread(rest, name + "-close");
      closer.setDaemon(true);
      closer.start();
    } else {
      rest.run();
    }
  }

  private void awaitConnections() {
    long end = System.nanoTime() + CLOSE_WAIT.toNanos();
    synchronized (lock) {
      try {
        for (long left; !connections.isEmpty() && (left = end - System.nanoTime()) > 0; ) {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static ConnectException cannotConnect(
      Endpoint endpoint, String why, @Nullable Throwable cause) {
    return new ConnectException("cannot connect to " + endpoint + ": " + why, cause);
  }

  private static EndpointException cannotListen(
      Endpoint endpoint, String why, @Nullable Throwable cause) {
    return new EndpointException(
        StatusCode.FAILED_PRECONDITION, "cannot listen on " + endpoint + ": " + why, cause);
  }
}
