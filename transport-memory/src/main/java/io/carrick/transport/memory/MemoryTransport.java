package io.carrick.transport.memory;

import io.carrick.ConnectException;
import io.carrick.EndpointException;
import io.carrick.StatusCode;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.SerialExecutor;
import io.carrick.transport.support.TransportLifecycle;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects peers of one process. Callbacks of both ends run on one thread of the side that listens,
 * which ends when it is idle.
 */
final class MemoryTransport implements Transport {

  private static final ConcurrentMap<String, MemoryListener> LISTENERS = new ConcurrentHashMap<>();
  private static final long CLOSE_SECONDS = 3;

  private final String threadName;
  private final TransportLifecycle open;
  private final ThreadPoolExecutor executor;
  private volatile @Nullable Thread thread;

  MemoryTransport(TransportConfig config) {
    this.threadName = "carrick-memory-" + config.name();
    this.open = new TransportLifecycle(threadName, config.connectTimeout());
    // A pair is queued at most once, so connections bound the queue. Who comes after the end
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
    return open.connect(
        endpoint,
        attempt -> {
          MemoryListener listener = LISTENERS.get(MemoryTransportProvider.nameOf(endpoint));
          if (listener == null) {
            throw new ConnectException(
                "nobody listens on "
                    + endpoint
                    + ": start the service in this process or check the name",
                null);
          }
          MemoryTransport there = listener.transport();
          Executor loop = new SerialExecutor(there.executor);
          MemoryChannel client = new MemoryChannel(open, loop, listener.endpoint());
          MemoryChannel server = new MemoryChannel(there.open, loop, listener.endpoint());
          client.join(server);
          loop.execute(() -> there.open.accept(server.connection(), listener.acceptor()));
          attempt.complete(client.connection());
        });
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    MemoryListener listener = new MemoryListener(this, endpoint, context.acceptor());
    return open.listen(endpoint, Runnable::run, () -> bind(listener));
  }

  private static Listener bind(MemoryListener listener) {
    String name = MemoryTransportProvider.nameOf(listener.endpoint());
    if (LISTENERS.putIfAbsent(name, listener) != null) {
      throw new EndpointException(
          StatusCode.ALREADY_EXISTS,
          "endpoint "
              + listener.endpoint()
              + " is in use by another listener of this process: close that one or choose"
              + " another name",
          null);
    }
    return listener;
  }

  @Override
  public void close() {
    open.close(Thread.currentThread() == thread, this::endThread);
  }

  void forget(MemoryListener listener) {
    LISTENERS.remove(MemoryTransportProvider.nameOf(listener.endpoint()), listener);
    open.forget(listener);
  }

  private void endThread() {
    executor.shutdown();
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
