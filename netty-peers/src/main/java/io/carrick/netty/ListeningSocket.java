package io.carrick.netty;

import io.carrick.EndpointException;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.HostPort;
import io.carrick.transport.support.NetworkFailures;
import io.carrick.transport.support.UnknownPeers;
import io.carrick.unix.SocketFile;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens, whose connections are guarded until their peers are known: as many as
 * {@link ListenLimits} and {@link Guards} say, each with a {@link Door}. A server of a library
 * takes {@link #channel}, binds it to {@link #local}, and tells {@link #bound}.
 *
 * <p>Safe for use by any thread.
 */
public final class ListeningSocket {

  private static final System.Logger LOG = System.getLogger(ListeningSocket.class.getName());

  private static final Duration UNBIND_WAIT = Duration.ofSeconds(1);
  private static final int WATCH_SECONDS = 5;

  private final Endpoint endpoint;
  private final ServerChannel channel;
  private final SocketAddress local;
  private final Gate gate;
  private final @Nullable SocketFile file;
  private final CompletableFuture<Boolean> unbound = new CompletableFuture<>();
  private volatile boolean closing;
  private boolean lost; // Touched only on the loop of the socket.

  private ListeningSocket(
      Endpoint endpoint,
      ServerChannel channel,
      SocketAddress local,
      Gate gate,
      @Nullable SocketFile file) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.local = local;
    this.gate = gate;
    this.file = file;
    channel.pipeline().addFirst(gate);
  }

  /**
   * One of TCP, which is not bound yet. Blocks while the name is looked up.
   *
   * @param address of this host
   * @throws EndpointException if the name has no address
   */
  public static ListeningSocket tcp(Endpoint endpoint, HostPort address, Guards guards) {
    return tcp(endpoint, resolve(endpoint, address), guards);
  }

  static ListeningSocket tcp(Endpoint endpoint, InetSocketAddress local, Guards guards) {
    try {
      ServerSockets.touch();
      return new ListeningSocket(
          endpoint, ServerSockets.tcp(), local, new Gate(endpoint, false, guards), null);
    } catch (IOException e) {
      throw NetworkFailures.cannotListen(endpoint, e);
    }
  }

  /** What an endpoint names of this host. Blocks while the name is looked up. */
  static InetSocketAddress resolve(Endpoint endpoint, HostPort address) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
    } catch (IOException e) {
      throw NetworkFailures.cannotListen(endpoint, e);
    }
  }

  /**
   * One of this host, bound to a path, which belongs to it until it is closed.
   *
   * @throws EndpointException if that cannot be, with nothing left behind
   */
  public static ListeningSocket unix(Endpoint endpoint, Path path, Guards guards) {
    SocketFile file = SocketFile.bind(endpoint);
    try {
      return new ListeningSocket(
          endpoint,
          new NioServerDomainSocketChannel(file.channel()),
          UnixDomainSocketAddress.of(path),
          new Gate(endpoint, true, guards),
          file);
    } catch (RuntimeException e) {
      file.close();
      throw NetworkFailures.cannotListen(endpoint, e);
    }
  }

  /** For the library. */
  public ServerChannel channel() {
    return channel;
  }

  /** What the library binds it to. */
  public SocketAddress local() {
    return local;
  }

  /** Whether it is a socket of this host. */
  public boolean isUnix() {
    return file != null;
  }

  /** The connections whose peers are not known yet. */
  public UnknownPeers<Door> unknown() {
    return gate.doorstep();
  }

  /** The library could not bind it. */
  public EndpointException failed(Exception e) {
    if (file != null) {
      file.close();
    }
    return NetworkFailures.cannotListen(endpoint, e);
  }

  /**
   * The library has bound it: from now on it is watched.
   *
   * @param failed what to do where it is closed without {@link #closing}; on the loop
   * @return the endpoint with the port that was chosen
   */
  public Endpoint bound(Runnable failed) {
    SingleThreadEventLoop loop = (SingleThreadEventLoop) channel.eventLoop();
    SocketFile watched = file;
    if (watched != null) {
      Future<?> watch =
          loop.scheduleAtFixedRate(
              () -> watch(watched), WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(closed -> watch.cancel(false));
    }
    // A registered socket goes on accepting until the next select, which the next turn begins with.
    channel
        .closeFuture()
        .addListener(
            closed -> {
              endedByItself(failed);
              loop.executeAfterEventLoopIteration(() -> loop.execute(this::unbind));
            });
    return channel.localAddress() instanceof InetSocketAddress inet
        ? HostPort.withPort(endpoint, inet.getPort())
        : endpoint;
  }

  /** It will be closed on purpose. */
  public void closing() {
    closing = true;
  }

  /** Waits until its address is free, 1 s at most, and not on a loop. */
  public void awaitUnbound(Loops loops) {
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

  /** Netty closes a Unix socket for good where there was no memory to accept. */
  private void endedByItself(Runnable failed) {
    if (!closing) {
      LOG.log(
          System.Logger.Level.ERROR,
          "The socket of {0} has failed and nobody listens there any more: restart the service",
          endpoint);
      failed.run();
    }
  }

  /** Keeps the file of a socket young, and says once that it is gone; on the loop. */
  private void watch(SocketFile watched) {
    if (watched.isInPlace()) {
      watched.keepYoung();
    } else if (!lost) {
      lost = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The socket of {0} or its lock was deleted or replaced: restart the service, and give it"
              + " a directory of its own",
          endpoint);
    }
  }

  private void unbind() {
    if (file != null) {
      file.close();
    }
    unbound.complete(true);
  }
}
