package io.carrick.transport.memory;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.spi.Acceptor;
import io.carrick.spi.Calls;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connects peers of one process. All callbacks run on one thread, which ends when it is idle. */
final class MemoryTransport implements Transport {

  private static final ConcurrentMap<String, MemoryListener> LISTENERS = new ConcurrentHashMap<>();
  private static final long CLOSE_SECONDS = 5;
  private static final String CLOSED = "its transport is closed; create another one";

  private final String threadName;
  private final Set<MemoryListener> listeners = ConcurrentHashMap.newKeySet();
  private final Set<MemoryConnection> connections = ConcurrentHashMap.newKeySet();
  private final Object lock = new Object();
  private final ThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;
  private boolean closed; // Guarded by lock.

  MemoryTransport(TransportConfig config) {
    this.threadName = "carrick-memory-" + config.name();
    // A connection is queued at most once, so connections bound the queue. Who comes after the end
    // (a receiver for a closed connection) is still told, on a thread that is not ours.
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            this::newThread,
            (task, pool) -> ForkJoinPool.commonPool().execute(task));
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    try {
      MemoryListener listener = LISTENERS.get(MemoryTransportProvider.nameOf(endpoint));
      if (listener == null) {
        throw nobody(endpoint);
      }
      MemoryConnection client = new MemoryConnection(this, listener.endpoint());
      MemoryConnection server = new MemoryConnection(listener.transport(), listener.endpoint());
      client.join(server);
      if (!adopt(client)) {
        throw new ConnectException("cannot connect to " + endpoint + ": " + CLOSED, null);
      }
      if (!listener.offer(server)) {
        client.close(CloseReason.local("nobody listens"));
        throw nobody(endpoint);
      }
      return CompletableFuture.completedFuture(client);
    } catch (MessagingException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, Acceptor acceptor, Calls calls) {
    try {
      String name = MemoryTransportProvider.nameOf(endpoint);
      MemoryListener listener = new MemoryListener(this, endpoint, acceptor);
      synchronized (lock) {
        if (closed) {
          throw new EndpointException(
              StatusCode.FAILED_PRECONDITION, "cannot listen on " + endpoint + ": " + CLOSED, null);
        }
        if (LISTENERS.putIfAbsent(name, listener) != null) {
          throw new EndpointException(
              StatusCode.ALREADY_EXISTS,
              "endpoint "
                  + endpoint
                  + " is in use by another listener of this process: close that one or choose"
                  + " another name",
              null);
        }
        listeners.add(listener);
      }
      return CompletableFuture.completedFuture(listener);
    } catch (EndpointException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    listeners.forEach(MemoryListener::close);
    connections.forEach(c -> c.close(CloseReason.local("the transport was closed")));
    executor.shutdown();
    if (Thread.currentThread() != thread) {
      awaitEnd();
    }
  }

  /** Takes a connection into its care; false if it is closed. */
  boolean adopt(MemoryConnection connection) {
    synchronized (lock) {
      return !closed && connections.add(connection);
    }
  }

  void forget(MemoryConnection connection) {
    connections.remove(connection);
  }

  void forget(MemoryListener listener) {
    LISTENERS.remove(MemoryTransportProvider.nameOf(listener.endpoint()), listener);
    listeners.remove(listener);
  }

  void execute(Runnable task) {
    executor.execute(task);
  }

  private static ConnectException nobody(Endpoint endpoint) {
    return new ConnectException(
        "nobody listens on " + endpoint + ": start the service in this process or check the name",
        null);
  }

  private void awaitEnd() {
    try {
      executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Thread newThread(Runnable task) {
    Thread created = new Thread(task, threadName);
    created.setDaemon(true);
    created.setContextClassLoader(MemoryTransport.class.getClassLoader()); // Not its starter's.
    thread = created;
    return created;
  }
}
