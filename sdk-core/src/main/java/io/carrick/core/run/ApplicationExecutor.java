package io.carrick.core.run;

import io.carrick.TokenVerifier;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where code of the application runs: handlers on one executor, on another everything that they may
 * wait for, such as continuations of futures, subscribers and listeners, and on a third what
 * decides whether peers may do something. So handlers never use up what would wake them, and a slow
 * decision takes no thread from either. Each task is marked as one of Carrick's, so that nothing in
 * it waits for room. Virtual threads where the JDK has them, else bounded pools. Safe for use by
 * any thread.
 */
public final class ApplicationExecutor implements BatchingExecutor {

  private static final System.Logger LOG = System.getLogger("io.carrick.tasks");

  private static final ThreadLocal<Together> TOGETHER = ThreadLocal.withInitial(Together::new);

  /** What a thread keeps for one of these, between begin and end. */
  private static final class Together {
    private final List<Runnable> tasks = new ArrayList<>();
    private @Nullable ApplicationExecutor owner;
  }

  private final Unfinished.Kept unfinished = new Unfinished.Kept();
  private final Predicate<Runnable> handOn;
  private final Executor handlers;
  private final Executor callbacks;
  private final Executor checks;
  private final List<ExecutorService> owned;
  private final Bulkhead verifying =
      new Bulkhead(this::tryCheck, TokenVerifier.MAX_RUNNING, TokenVerifier.MAX_WAITING);
  private volatile boolean closed;

  private ApplicationExecutor(
      Executor handlers, Executor callbacks, Executor checks, List<ExecutorService> owned) {
    this.handlers = handlers;
    this.callbacks = callbacks;
    this.checks = checks;
    this.handOn = task -> tryExecute(callbacks, task);
    this.owned = owned;
  }

  /** Executors of our own. */
  public static ApplicationExecutor create(String service) {
    ExecutorService handlers = own("carrick-handler-" + service, HandlerPool.ofHandlers(service));
    ExecutorService callbacks = ownCallbacks(service);
    ExecutorService checks = ownChecks(service);
    return new ApplicationExecutor(
        handlers, callbacks, checks, List.of(handlers, callbacks, checks));
  }

  /** The application's executor for handlers, which is never shut down here. */
  public static ApplicationExecutor of(String service, Executor handlers) {
    ExecutorService callbacks = ownCallbacks(service);
    ExecutorService checks = ownChecks(service);
    return new ApplicationExecutor(handlers, callbacks, checks, List.of(callbacks, checks));
  }

  /** These executors, which are not shut down here. */
  public static ApplicationExecutor of(Executor handlers, Executor callbacks) {
    return new ApplicationExecutor(handlers, callbacks, callbacks, List.of());
  }

  private static ExecutorService ownCallbacks(String service) {
    return own("carrick-callback-" + service, HandlerPool.ofCallbacks(service));
  }

  private static ExecutorService ownChecks(String service) {
    return own("carrick-check-" + service, HandlerPool.ofChecks(service));
  }

  private static ExecutorService own(String name, HandlerPool pool) {
    ThreadFactory virtual = virtualThreads(name + "-");
    return virtual == null ? pool : perTask(task -> CarrickThreads.own(virtual.newThread(task)));
  }

  /**
   * Runs a callback, in the worst case here: as a reader then, so that it fails rather than waits.
   */
  @Override
  public void execute(Runnable task) {
    if (!tryExecute(callbacks, task)) {
      runHere(task);
    }
  }

  /**
   * Runs a callback that does not mind to wait for the end of what its thread reads, so that all of
   * it is handed over together.
   */
  public void executeTogether(Runnable task) {
    Together kept = TOGETHER.get();
    if (kept.owner == this) {
      kept.tasks.add(task);
    } else {
      execute(task);
    }
  }

  @Override
  public void begin() {
    TOGETHER.get().owner = this;
  }

  @Override
  public void end() {
    Together kept = TOGETHER.get();
    kept.owner = null;
    if (kept.tasks.isEmpty()) {
      return;
    }
    try {
      if (callbacks instanceof HandlerPool pool) {
        int taken = pool.executeAll(kept.tasks);
        kept.tasks.subList(taken, kept.tasks.size()).forEach(this::runHere);
      } else {
        kept.tasks.forEach(this::execute);
      }
    } finally {
      kept.tasks.clear();
    }
  }

  /** Runs a handler; false if the executor took none. */
  public boolean tryHandle(Runnable task) {
    return tryExecute(handlers, task);
  }

  /** Runs what decides about a peer, which may block; false if there is no thread for it. */
  public boolean tryCheck(Runnable task) {
    return tryExecute(checks, task);
  }

  @Override
  public void check(Runnable check, Runnable refused) {
    Bulkhead.Task task =
        new Bulkhead.Task() {
          @Override
          public boolean run() {
            try {
              check.run();
            } finally {
              verifying.release();
            }
            return true;
          }

          @Override
          public void reject() {
            verifying.release();
            refused.run();
          }
        };
    if (verifying.tryAdmit()) {
      verifying.schedule(task);
    } else {
      refused.run();
    }
  }

  /** Whether it takes nothing more. */
  public boolean isClosed() {
    return closed;
  }

  /** Whatever an executor throws, it did not take the task. */
  private static boolean tryExecute(Executor executor, Runnable task) {
    try {
      executor.execute(
          executor instanceof HandlerPool
              ? task
              : () -> CarrickThreads.asHandler(() -> guarded(task)));
      return true;
    } catch (Throwable e) {
      Contained.say(LOG, System.Logger.Level.DEBUG, Failing.NOT_TAKEN.toString(), e);
      return false;
    }
  }

  /** Runs a task of ours that may wait for room, as a thread of the application may. */
  public void executeUnmarked(Runnable task) {
    execute(() -> CarrickThreads.unmarked(task));
  }

  private void runHere(Runnable task) {
    try {
      CarrickThreads.asReader(() -> guarded(task));
    } catch (OutOfMemoryError e) {
      if (!(task instanceof Unfinished unfinished)) {
        throw e;
      }
      keep(unfinished);
    }
  }

  /** There is no memory, and this thread cannot wait for some: the timer tries again. */
  public void keep(Unfinished task) {
    unfinished.add(task);
  }

  @Override
  public boolean retry() {
    return unfinished.retry(handOn);
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** Says that a task threw, if that can be said: without memory it cannot. */
  public static void failed(Throwable e) {
    Contained.log(Failing.TASK, e);
  }

  /**
   * Takes nothing more, and interrupts what has not ended after this time; an executor of the
   * application is left alone.
   */
  public void close(long nanos) {
    closed = true;
    owned.forEach(ExecutorService::shutdown);
    long until = System.nanoTime() + nanos;
    try {
      for (ExecutorService executor : owned) {
        var unused = executor.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      owned.forEach(ExecutorService::shutdownNow);
    }
  }

  // Executors.newThreadPerTaskExecutor and Thread.ofVirtual are there from JDK 21 on.

  private static @Nullable ThreadFactory virtualThreads(String prefix) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> builder = Class.forName("java.lang.Thread$Builder");
      Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
      Object plain =
          lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual)).invoke();
      Object named =
          lookup
              .findVirtual(
                  builder, "name", MethodType.methodType(builder, String.class, long.class))
              .invoke(plain, prefix, 0L);
      return (ThreadFactory)
          lookup
              .findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class))
              .invoke(named);
    } catch (Throwable e) {
      return null;
    }
  }

  private static ExecutorService perTask(ThreadFactory factory) {
    try {
      return (ExecutorService)
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class, ThreadFactory.class))
              .invoke(factory);
    } catch (Throwable e) {
      throw new IllegalStateException("this JDK has virtual threads and no executor for them", e);
    }
  }
}
