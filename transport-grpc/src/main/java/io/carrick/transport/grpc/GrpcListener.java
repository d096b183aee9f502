package io.carrick.transport.grpc;

import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.carrick.transport.support.UnknownPeers;
import io.carrick.unix.SocketFile;
import io.grpc.Server;
import io.netty.channel.Channel;
import io.netty.channel.SingleThreadEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A bound server. */
final class GrpcListener implements Listener {

  private static final System.Logger LOG = System.getLogger(GrpcListener.class.getName());

  private static final Duration UNBIND_WAIT = Duration.ofSeconds(1);
  private static final Duration TOLD_WAIT = Duration.ofMillis(500);

  private static final int WATCH_SECONDS = 5;

  private final Loops loops;
  private final Endpoint endpoint;
  private final Server server;
  private final GrpcEdge edge;
  private final UnknownPeers<Door> doorstep;
  private final AtomicBoolean closed = new AtomicBoolean();
  private boolean lost; // Touched only on the loop of the socket.
  private final CompletableFuture<Boolean> unbound = new CompletableFuture<>();

  GrpcListener(
      Loops loops,
      Endpoint endpoint,
      Server server,
      GrpcEdge edge,
      UnknownPeers<Door> doorstep,
      Channel channel,
      @Nullable SocketFile file) {
    this.loops = loops;
    this.endpoint = endpoint;
    this.server = server;
    this.edge = edge;
    this.doorstep = doorstep;
    SingleThreadEventLoop loop = (SingleThreadEventLoop) channel.eventLoop();
    if (file != null) {
      Future<?> watch =
          loop.scheduleAtFixedRate(
              () -> watch(file), WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(closed -> watch.cancel(false));
    }
    // A registered socket goes on accepting until the next select, which the next turn begins with.
    channel
        .closeFuture()
        .addListener(
            closed -> {
              endedByItself();
              loop.executeAfterEventLoopIteration(() -> loop.execute(() -> unbind(file)));
            });
  }

  /** Netty closes a Unix socket for good where there was no memory to accept. */
  private void endedByItself() {
    if (!closed.get()) {
      LOG.log(
          System.Logger.Level.ERROR,
          "The socket of {0} has failed and nobody listens there any more: restart the service",
          endpoint);
      close();
    }
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void drain() {
    edge.drain();
  }

  @Override
  public int openCalls() {
    return edge.openCalls();
  }

  /** Stops listening; calls that have begun go on. The address is free when this returns. */
  @Override
  public void close() {
    closed.set(true);
    edge.drain();
    server.shutdown();
    if (loops.onThread()) {
      return;
    }
    try {
      unbound.get(UNBIND_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is not free yet", endpoint);
    }
  }

  /** Keeps the file of a socket young, and says once that it is gone; on the loop. */
  private void watch(SocketFile file) {
    if (file.isInPlace()) {
      file.keepYoung();
    } else if (!lost) {
      lost = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The socket of {0} or its lock was deleted or replaced: restart the service, and give it"
              + " a directory of its own",
          endpoint);
    }
  }

  private void unbind(@Nullable SocketFile file) {
    if (file != null) {
      file.close();
    }
    unbound.complete(true);
  }

  /** Whose peers are not known yet. */
  UnknownPeers<Door> doorstep() {
    return doorstep;
  }

  /** Whether it is closed and the last call is over. */
  boolean isOver() {
    return server.isTerminated();
  }

  /** Ends all calls and connections, too. */
  void cut() {
    closed.set(true);
    try {
      edge.end().get(TOLD_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.DEBUG, "not all callers were told that " + endpoint + " ends", e);
    }
    server.shutdownNow();
  }

  void awaitEnd(Duration max) throws InterruptedException {
    server.awaitTermination(max.toMillis(), TimeUnit.MILLISECONDS);
  }
}
