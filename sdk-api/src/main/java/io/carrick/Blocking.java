package io.carrick;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Waits for calls. */
final class Blocking {

  private Blocking() {}

  /** The result of a call, or its failure itself; an interrupted one is cancelled. */
  static <R> R await(CompletableFuture<R> call) throws InterruptedException {
    try {
      return call.get();
    } catch (InterruptedException e) {
      call.cancel(false);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      cause.addSuppressed(new IllegalStateException("the call was made here"));
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new CompletionException(cause);
    }
  }
}
