package io.carrick.transport.grpc;

import io.carrick.netty.ListeningSocket;
import io.carrick.netty.Loops;
import io.carrick.spi.Endpoint;
import io.carrick.spi.Listener;
import io.grpc.Server;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bound server. */
final class GrpcListener implements Listener {

  private static final System.Logger LOG = System.getLogger(GrpcListener.class.getName());

  private static final Duration TOLD_WAIT = Duration.ofMillis(500);

  private final Loops loops;
  private final ListeningSocket socket;
  private final Endpoint endpoint;
  private final Server server;
  private final GrpcEdge edge;

  GrpcListener(Loops loops, ListeningSocket socket, Server server, GrpcEdge edge) {
    this.loops = loops;
    this.socket = socket;
    this.server = server;
    this.edge = edge;
    this.endpoint = socket.bound(this::close);
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
    socket.closing();
    edge.drain();
    server.shutdown();
    socket.awaitUnbound(loops);
  }

  /** The socket, with the peers that are not known yet. */
  ListeningSocket socket() {
    return socket;
  }

  /** Whether it is closed and the last call is over. */
  boolean isOver() {
    return server.isTerminated();
  }

  /** Ends all calls and connections, too. */
  void cut() {
    socket.closing();
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
