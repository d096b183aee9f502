package io.carrick.core.run;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Knows which threads belong to Carrick: on them a call never waits for room (F2), and on a thread
 * that reads a connection no result may be waited for.
 */
public final class CarrickThreads {

  private static final ThreadLocal<@Nullable Role> ROLE = new ThreadLocal<>();

  /** Thread.isVirtual, which is there from JDK 21 on. */
  private static final @Nullable MethodHandle IS_VIRTUAL = isVirtualHandle();

  private enum Role {
    HANDLER,
    READER
  }

  private CarrickThreads() {}

  private static @Nullable MethodHandle isVirtualHandle() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * Makes a thread independent of the one that starts it: a class loader of an application that
   * happened to be there would stay as long as the thread.
   */
  public static Thread own(Thread thread) {
    thread.setContextClassLoader(CarrickThreads.class.getClassLoader());
    return thread;
  }

  /** Whether this thread runs handlers, continuations, timers or a connection. */
  public static boolean isCarrick() {
    return ROLE.get() != null;
  }

  /** Whether this thread reads a connection, or runs the timer. */
  public static boolean isReader() {
    return ROLE.get() == Role.READER;
  }

  /** Whether this thread is virtual: one that waits for a socket itself would hold its carrier. */
  public static boolean isVirtual() {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
    } catch (Throwable e) {
      throw new IllegalStateException("Thread.isVirtual failed", e);
    }
  }

  /** This thread is the reader of a connection from now on. */
  public static void becomeReader() {
    ROLE.set(Role.READER);
  }

  /** Runs an action as the reader of a connection. */
  public static void asReader(Runnable action) {
    runAs(Role.READER, action);
  }

  /**
   * Runs an action as a handler: one that a reader runs in place, since its executor does, must
   * still not wait.
   */
  public static void asHandler(Runnable action) {
    runAs(isReader() ? Role.READER : Role.HANDLER, action);
  }

  /** Runs an action of ours that may wait for room, as a thread of the application may. */
  public static void unmarked(Runnable action) {
    runAs(isReader() ? Role.READER : null, action);
  }

  private static void runAs(@Nullable Role role, Runnable action) {
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
