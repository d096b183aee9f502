package io.carrick.core;

import io.carrick.core.session.CarrickThreads;
import io.carrick.core.session.Handover;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The handler executor: runs handlers, decoding and continuations, each task marked as one of
 * Carrick's, so that nothing in it waits for room. Virtual threads where the JDK has them, else a
 * bounded pool. Safe for use by any thread.
 */
final class Tasks implements Handover {

  private static final System.Logger LOG = System.getLogger("io.carrick.tasks");

  private static final ThreadLocal<Together> TOGETHER = ThreadLocal.withInitial(Together::new);

  /** What a thread keeps for one of these, between begin and end. */
  private static final class Together {
    private final List<Runnable> tasks = new ArrayList<>();
    private @Nullable Tasks owner;
  }

  private final Executor executor;
  private final @Nullable ExecutorService owned;

  private Tasks(Executor executor, @Nullable ExecutorService owned) {
    this.executor = executor;
    this.owned = owned;
  }

  /** An executor of our own. */
  static Tasks create(String service) {
    ThreadFactory virtual = virtualThreads("carrick-handler-" + service + "-");
    ExecutorService own =
        virtual == null ? new HandlerPool("carrick-handler-" + service) : perTask(virtual);
    return new Tasks(own, own);
  }

  /** The application's executor, which is never shut down here. */
  static Tasks of(Executor executor) {
    return new Tasks(executor, null);
  }

  /** Runs a task, in the worst case here: as a reader then, so that it fails rather than waits. */
  @Override
  public void execute(Runnable task) {
    if (!tryExecute(task)) {
      CarrickThreads.asReader(() -> guarded(task));
    }
  }

  /**
   * Runs a task that does not mind to wait for the end of what its thread reads, so that all of it
   * is handed over together.
   */
  void executeTogether(Runnable task) {
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
    if (executor instanceof HandlerPool pool) {
      List<Runnable> marked = new ArrayList<>(kept.tasks.size());
      kept.tasks.forEach(task -> marked.add(CarrickThreads.marked(() -> guarded(task))));
      int taken = pool.executeAll(marked);
      kept.tasks
          .subList(taken, kept.tasks.size())
          .forEach(task -> CarrickThreads.asReader(() -> guarded(task)));
    } else {
      kept.tasks.forEach(this::execute);
    }
    kept.tasks.clear();
  }

  /** Runs a task; false if the executor took none. */
  boolean tryExecute(Runnable task) {
    try {
      executor.execute(CarrickThreads.marked(() -> guarded(task)));
      return true;
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the handler executor took no task", e);
      return false;
    }
  }

  /** Runs a task of ours that may wait for room, as a thread of the application may. */
  void executeUnmarked(Runnable task) {
    try {
      executor.execute(() -> guarded(task));
    } catch (RejectedExecutionException e) {
      CarrickThreads.asReader(() -> guarded(task));
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOG.log(System.Logger.Level.ERROR, "a task of Carrick failed", e);
    }
  }

  /** Interrupts what runs; an executor of the application is left alone. */
  void close() {
    if (owned != null) {
      owned.shutdownNow();
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
