package io.carrick.core.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for ends, at most 10 s (F14), and never on a thread of Carrick. */
public final class Closing {

  public static final long MAX_SECONDS = 10;

  private Closing() {}

  public static void await(CompletableFuture<?> end) {
    if (CarrickThreads.isCarrick()) {
      return;
    }
    waitFor(end, MAX_SECONDS);
  }

  /** Waits on any thread; an interrupt is kept and ends the wait. */
  public static void waitFor(CompletableFuture<?> end, long seconds) {
    try {
      end.get(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      System.getLogger("io.carrick.sessions")
          .log(System.Logger.Level.DEBUG, "an end did not come in order", e);
    }
  }
}
