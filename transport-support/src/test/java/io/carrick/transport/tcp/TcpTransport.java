package io.carrick.transport.tcp;

import io.carrick.spi.Acceptor;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Listener;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.transport.support.SerialExecutor;
import io.carrick.transport.support.TransportLifecycle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Connects over the asynchronous sockets of the JDK: the library has a thread that tells what came
 * and what was written, and callbacks run on another, one connection at a time.
 */
final class TcpTransport implements Transport {

  private final TransportLifecycle open;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AsynchronousChannelGroup library;
  private final ThreadPoolExecutor callbacks;

  TcpTransport(TransportConfig config) {
    String name = "carrick-tcp-" + config.name();
    open = new TransportLifecycle(name, config.connectTimeout());
    callbacks =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // A connection is there at most once.
            task -> thread(task, name),
            (task, pool) -> ForkJoinPool.commonPool().execute(task));
    try {
      library =
          AsynchronousChannelGroup.withFixedThreadPool(1, task -> thread(task, name + "-library"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Thread thread(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  @Override
  public CompletionStage<Connection> connect(Endpoint endpoint) {
    return open.connect(endpoint, attempt -> dial(endpoint, attempt));
  }

  private void dial(Endpoint endpoint, CompletableFuture<Connection> attempt) {
    InetSocketAddress address = TcpTransportProvider.addressOf(endpoint);
    try {
      AsynchronousSocketChannel socket = AsynchronousSocketChannel.open(library);
      attempt.whenComplete(
          (connection, failure) -> {
            if (failure != null) {
              Sockets.close(socket);
            }
          });
      socket.connect(
          address,
          null,
          Sockets.handler(
              none -> {
                Executor loop = new SerialExecutor(callbacks);
                TcpChannel channel = new TcpChannel(open, loop, socket, endpoint.toString());
                attempt.complete(channel.connection());
              },
              attempt::completeExceptionally));
    } catch (IOException e) {
      attempt.completeExceptionally(e);
    }
  }

  @Override
  public CompletionStage<Listener> listen(Endpoint endpoint, ListenContext context) {
    return open.listen(endpoint, Runnable::run, () -> bind(endpoint, context.acceptor()));
  }

  private Listener bind(Endpoint endpoint, Acceptor acceptor) throws IOException {
    InetSocketAddress address = TcpTransportProvider.addressOf(endpoint);
    AsynchronousServerSocketChannel socket = AsynchronousServerSocketChannel.open(library);
    try {
      socket.bind(address);
      return new TcpListener(open, callbacks, socket, acceptor).start();
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void close() {
    open.close(threads.contains(Thread.currentThread()), this::endThreads);
  }

  private void endThreads() {
    try {
      library.shutdownNow();
      library.awaitTermination(1, TimeUnit.SECONDS);
      callbacks.shutdown();
      callbacks.awaitTermination(2, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
