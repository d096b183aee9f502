package io.carrick.core.run;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one thread sends within a batch goes out together: at its end, with what another thread
 * writes to the same session, or by the timer after a millisecond. A batch belongs to its thread.
 */
public final class WriteBatch {

  /** What has something to write. */
  public interface Writer {

    /** Writes what a batch has held. */
    void flush();
  }

  private static final ThreadLocal<@Nullable WriteBatch> CURRENT = new ThreadLocal<>();

  private final List<Writer> held = new ArrayList<>(2);
  private int depth;

  private WriteBatch() {}

  /** Begins a batch, perhaps within another one. */
  public static void begin() {
    WriteBatch batch = CURRENT.get();
    if (batch == null) {
      batch = new WriteBatch();
      CURRENT.set(batch);
    }
    batch.depth++;
  }

  /** Ends the batch; what it held is written by {@link #flush}, with what other batches hold. */
  public static void pause() {
    WriteBatch batch = CURRENT.get();
    if (batch != null) {
      batch.depth--;
    }
  }

  /** Ends the batch, and writes unless it is within another one. */
  public static void end() {
    WriteBatch batch = CURRENT.get();
    if (batch != null && --batch.depth == 0) {
      batch.write();
    }
  }

  /** Writes what this thread holds: before it waits for anything. */
  public static void flush() {
    WriteBatch batch = CURRENT.get();
    if (batch != null) {
      batch.write();
    }
  }

  private void write() {
    while (!held.isEmpty()) {
      held.remove(held.size() - 1).flush();
    }
  }

  /** Whether who has something to write leaves that to the batch of this thread. */
  public static boolean holds(Writer writer) {
    WriteBatch batch = CURRENT.get();
    if (batch == null || batch.depth == 0) {
      return false;
    }
    try {
      if (!batch.held.contains(writer)) {
        batch.held.add(writer);
      }
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }
}
