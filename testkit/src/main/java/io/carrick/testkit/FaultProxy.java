package io.carrick.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes between clients and one server, and does to them what networks do. Unix sockets and
 * TCP on the loopback interface. Any thread may steer it at any time; a fault is in force for the
 * connections of the moment, and where its description says so for later ones.
 *
 * <p>It has one thread, and four for each connection; all end with {@link #close}. It passes at
 * most 256 connections at once and closes others. In each direction of a connection it holds 1 MiB
 * and one read; then the sender has to wait. What is random comes from a seed, which {@link
 * #toString} and the log show.
 */
public final class FaultProxy implements AutoCloseable {

  /** Which way bytes go. */
  public enum Direction {
    /** From clients to the server. */
    TO_SERVER,
    /** From the server to clients. */
    TO_CLIENT
  }

  private static final System.Logger LOG = System.getLogger(FaultProxy.class.getName());
  private static final int MAX_LINKS = 256;

  private final SocketAddress target;
  private final long seed;
  private final Set<FaultLink> links = ConcurrentHashMap.newKeySet();
  private final FaultThreads threads = new FaultThreads();
  private final AtomicLong[] bytes = {new AtomicLong(), new AtomicLong()};
  private final AtomicInteger accepted = new AtomicInteger();
  private final Object lock = new Object();

  private final FaultDoor door;

  // Guarded by lock.
  private final Map<Direction, Weather> weather = new EnumMap<>(Direction.class);
  private final Set<Direction> black = EnumSet.noneOf(Direction.class);
  private final Set<Direction> held = EnumSet.noneOf(Direction.class);
  private boolean closed;

  private FaultProxy(SocketAddress address, SocketAddress target, long seed) {
    this.target = target;
    this.seed = seed;
    for (Direction direction : Direction.values()) {
      weather.put(direction, Weather.CLEAR);
    }
    door = new FaultDoor(address, this::pass, threads);
    door.open();
    LOG.log(System.Logger.Level.INFO, "{0}", this);
  }

  /** A proxy at a path that must not exist, before a server's socket that may come later. */
  public static FaultProxy unix(Path listen, Path server, long seed) {
    return new FaultProxy(
        UnixDomainSocketAddress.of(listen), UnixDomainSocketAddress.of(server), seed);
  }

  /** A proxy at a free port of the loopback address, before a server that may come later. */
  public static FaultProxy tcp(InetSocketAddress server, long seed) {
    return new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server, seed);
  }

  /** What the random faults were drawn from. */
  public long seed() {
    return seed;
  }

  /** The path of a Unix socket; clients dial it. */
  public Path path() {
    return ((UnixDomainSocketAddress) door.address()).getPath();
  }

  /** The port of TCP; clients dial it. */
  public int port() {
    return ((InetSocketAddress) door.address()).getPort();
  }

  /** How many connections are passed now. */
  public int connections() {
    return links.size();
  }

  /** How many connections were passed so far. */
  public int accepted() {
    return accepted.get();
  }

  /** How many bytes were read for a direction so far. */
  public long bytes(Direction direction) {
    return bytes[direction.ordinal()].get();
  }

  /** Changes the weather of both directions, for connections now and later. */
  public void weather(Weather both) {
    weather(Direction.TO_SERVER, both);
    weather(Direction.TO_CLIENT, both);
  }

  /** Changes the weather of a direction, for connections now and later. */
  public void weather(Direction direction, Weather value) {
    synchronized (lock) {
      weather.put(direction, value);
    }
  }

  /** Closes every connection now, on both sides; what is under way is lost. */
  public void cut() {
    links.forEach(FaultLink::cut);
  }

  /**
   * Resets every connection: TCP peers get a RST. Unix sockets have none: there it is {@link #cut}.
   */
  public void reset() {
    links.forEach(FaultLink::reset);
  }

  /**
   * Swallows what goes these ways, closes too, for connections now and later. What was swallowed is
   * gone, so a connection stays dead after {@link #heal}; later ones live.
   */
  public void blackHole(Direction... directions) {
    synchronized (lock) {
      black.addAll(Set.of(directions));
      each(Set.of(directions), FaultPipe::swallow);
    }
  }

  /**
   * Holds back what goes this way, closes too, for connections now and later, until {@link
   * #release}: late delivery.
   */
  public void hold(Direction direction) {
    synchronized (lock) {
      held.add(direction);
      each(Set.of(direction), pipe -> pipe.hold(true));
    }
  }

  /** Delivers what was held back. */
  public void release(Direction direction) {
    synchronized (lock) {
      held.remove(direction);
      each(Set.of(direction), pipe -> pipe.hold(false));
    }
  }

  /** One end sees the end of what it reads, and is still heard; connections of the moment only. */
  public void halfClose(Direction direction) {
    links.forEach(link -> link.halfClose(direction));
  }

  /**
   * One end sees its connection closed, and the other one is not told and hears nothing ever again;
   * connections of the moment only.
   *
   * @param told leads to the end that is told
   */
  public void halfOpen(Direction told) {
    links.forEach(link -> link.halfOpen(told));
  }

  /** Stops listening: who connects is refused by the kernel. */
  public void refuse() {
    door.close();
  }

  /** Listens again, at the same address. */
  public void admit() {
    synchronized (lock) {
      if (!closed) {
        door.open();
      }
    }
  }

  /** Later connections pass in clear weather, and nothing is held or refused any more. */
  public void heal() {
    synchronized (lock) {
      black.clear();
    }
    weather(Weather.CLEAR);
    release(Direction.TO_SERVER);
    release(Direction.TO_CLIENT);
    admit();
  }

  /** Cuts every connection, stops listening and returns when no thread is left. Idempotent. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    refuse();
    cut();
    threads.join();
  }

  @Override
  public String toString() {
    return "FaultProxy[" + door.address() + " -> " + target + ", seed " + seed + "]";
  }

  Weather weather(Direction direction) {
    synchronized (lock) {
      return weather.getOrDefault(direction, Weather.CLEAR);
    }
  }

  void count(Direction direction, int read) {
    bytes[direction.ordinal()].addAndGet(read);
  }

  void forget(FaultLink link) {
    links.remove(link);
  }

  FaultThreads threads() {
    return threads;
  }

  private void pass(SocketChannel client) throws IOException {
    SocketChannel server = links.size() < MAX_LINKS ? dial() : null;
    if (server == null || !noDelay(client) || !noDelay(server)) {
      client.close();
      return;
    }
    FaultLink link = new FaultLink(this, accepted.get(), client, server);
    synchronized (lock) {
      black.forEach(direction -> link.pipe(direction).swallow());
      held.forEach(direction -> link.pipe(direction).hold(true));
      links.add(link);
      link.start();
      accepted.incrementAndGet();
      if (closed) {
        link.cut();
      }
    }
  }

  private @Nullable SocketChannel dial() {
    try {
      return SocketChannel.open(target);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the server does not answer", e);
      return null;
    }
  }

  private void each(Set<Direction> directions, Consumer<FaultPipe> change) {
    links.forEach(link -> directions.forEach(direction -> change.accept(link.pipe(direction))));
  }

  /** False if the peer has gone before. */
  private static boolean noDelay(SocketChannel channel) {
    try {
      if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      return true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the connection has ended", e);
      return false;
    }
  }
}
