package io.carrick.cli;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A bar that grows, on a terminal only, and is gone at the end. Anybody may advance it; it is drawn
 * at most ten times a second.
 */
final class Progress implements AutoCloseable {

  private static final int WIDTH = 30;
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  private final Terminal terminal;
  private final String what;
  private final long total;
  // Guarded by this object's lock, which nobody else can reach for longer than a line takes.
  private final Object lock = new Object();
  private long drawn = System.nanoTime();
  private boolean visible;

  Progress(Terminal terminal, String what, long total) {
    this.terminal = terminal;
    this.what = what;
    this.total = total;
  }

  /** Shows how many are done. */
  void advance(long done) {
    if (!terminal.interactive()) {
      return;
    }
    synchronized (lock) {
      long now = System.nanoTime();
      if (now - drawn >= INTERVAL) {
        drawn = now;
        visible = true;
        int filled = (int) (WIDTH * Math.min(done, total) / Math.max(1, total));
        String bar = "#".repeat(filled) + " ".repeat(WIDTH - filled);
        terminal.err().print(String.format(Locale.ROOT, "\r%s [%s] %,d", what, bar, done));
        terminal.err().flush();
      }
    }
  }

  /** Takes the bar away. */
  @Override
  public void close() {
    synchronized (lock) {
      if (visible) {
        terminal.err().print("\r\033[K");
        terminal.err().flush();
        visible = false;
      }
    }
  }
}
