package io.carrick.benchmarks;

import io.carrick.Remote;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Chains of requests: the continuation of each sends the next, until the time is over. */
final class Pipeline {

  private final Remote remote;
  private final byte[] body;
  private final int chains;
  private final long end;
  private final AtomicInteger open;
  private final LongAdder answered = new LongAdder();
  private final CompletableFuture<Long> done = new CompletableFuture<>();

  Pipeline(Remote remote, byte[] body, int chains, long end) {
    this.remote = remote;
    this.body = body;
    this.chains = chains;
    this.end = end;
    this.open = new AtomicInteger(chains);
  }

  /** Starts; completes with the number of replies once all chains have ended. */
  CompletableFuture<Long> start() {
    for (int i = 0; i < chains; i++) {
      next();
    }
    return done;
  }

  private void next() {
    remote.request(CarrickServer.ECHO, body, byte[].class).whenComplete(this::replied);
  }

  private void replied(byte @Nullable [] reply, @Nullable Throwable failure) {
    if (failure != null || reply == null || reply.length != body.length) {
      done.completeExceptionally(
          failure != null ? failure : new IllegalStateException("got another reply"));
      return;
    }
    answered.increment();
    if (System.nanoTime() - end < 0) {
      next();
    } else if (open.decrementAndGet() == 0) {
      done.complete(answered.sum());
    }
  }
}
