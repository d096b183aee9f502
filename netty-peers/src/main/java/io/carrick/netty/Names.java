package io.carrick.netty;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Looks names up, which blocks a thread for as long as the system takes: each once at a time,
 * whoever asks, and {@value #MOST} at a time. Addresses are not looked up. Safe for any thread.
 */
public final class Names {

  /** Names that do not answer block nobody else until there are so many. */
  public static final int MOST = 64;

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  /** A name that has no address, or none in time. */
  public static final class UnresolvedException extends Exception {

    private static final long serialVersionUID = 1L;

    UnresolvedException(String host, String why) {
      super("the name " + host + " was not resolved (" + why + ")");
    }
  }

  /** Asks the system. */
  @FunctionalInterface
  public interface Lookup {

    /** All addresses of a name; blocks. */
    InetAddress[] all(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final ThreadPoolExecutor threads;
  private final Map<String, CompletableFuture<List<InetAddress>>> running = new HashMap<>(); // Own.

  /**
   * Nothing is looked up yet.
   *
   * @param threads what the names of its threads begin with
   */
  public Names(String threads, Lookup lookup) {
    this.lookup = lookup;
    this.threads =
        new ThreadPoolExecutor(
            0,
            MOST,
            1,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new DefaultThreadFactory(threads, true));
  }

  /** What a host of a URI stands for; fails with {@link UnresolvedException}. */
  public CompletableFuture<List<InetAddress>> resolve(String host) {
    if (host.startsWith("[") || IPV4.matcher(host).matches()) {
      return CompletableFuture.supplyAsync(() -> literal(host), Runnable::run);
    }
    CompletableFuture<List<InetAddress>> result;
    synchronized (running) {
      CompletableFuture<List<InetAddress>> present = running.get(host);
      if (present != null) {
        return present.copy();
      }
      result = new CompletableFuture<>();
      running.put(host, result);
    }
    result.whenComplete((found, failure) -> forget(host));
    try {
      threads.execute(() -> complete(result, host));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      result.completeExceptionally(
          new UnresolvedException(
              host, MOST + " names are being looked up and do not answer; try again later"));
    }
    return result.copy();
  }

  /** Ends its threads. */
  public void close() {
    threads.shutdownNow();
  }

  private void complete(CompletableFuture<List<InetAddress>> result, String host) {
    try {
      result.complete(List.of(lookup.all(host)));
    } catch (UnknownHostException e) {
      result.completeExceptionally(new UnresolvedException(host, "it is unknown"));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(new UnresolvedException(host, e.toString()));
    }
  }

  private void forget(String host) {
    synchronized (running) {
      running.remove(host);
    }
  }

  private static List<InetAddress> literal(String host) {
    try {
      return List.of(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      throw new CompletionException(
          new UnresolvedException(
              host, e.getMessage() + "; is its zone an interface of this host?"));
    }
  }
}
