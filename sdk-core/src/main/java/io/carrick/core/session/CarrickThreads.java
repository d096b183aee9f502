package io.carrick.core.session;

import org.jspecify.annotations.Nullable;

/**
 * Knows which threads belong to Carrick: on them a call never waits for room (F2), and on a thread
 * that reads a connection no result may be waited for.
 */
public final class CarrickThreads {

  private static final ThreadLocal<@Nullable Role> ROLE = new ThreadLocal<>();

  private enum Role {
    HANDLER,
    READER
  }

  private CarrickThreads() {}

  /** Whether this thread runs handlers, continuations, timers or a connection. */
  public static boolean isCarrick() {
    return ROLE.get() != null;
  }

  /** Whether this thread reads a connection, or runs the timer. */
  public static boolean isReader() {
    return ROLE.get() == Role.READER;
  }

  /** Runs an action as the reader of a connection. */
  public static void asReader(Runnable action) {
    runAs(Role.READER, action);
  }

  /** A task for the handler executor, marked while it runs. */
  public static Runnable marked(Runnable task) {
    return () -> runAs(Role.HANDLER, task);
  }

  private static void runAs(Role role, Runnable action) {
    @Nullable Role before = ROLE.get();
    ROLE.set(role);
    try {
      action.run();
    } finally {
      // Not remove(): that would make a new entry for each frame.
      ROLE.set(before);
    }
  }
}
