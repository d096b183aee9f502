package io.carrick.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: a thread reads, another one writes what is due. At most {@link
 * #MAX_HELD_BYTES} and one read are between the two; then the reader waits, and with it the sender.
 */
final class FaultPipe {

  static final int MAX_HELD_BYTES = 1024 * 1024;

  /** What was read at once; without bytes, the end that the sender told. */
  private record Chunk(ByteBuffer bytes, long dueNanos, boolean last) {}

  private final FaultLink link;
  private final FaultProxy.Direction direction;
  private final SocketChannel from;
  private final SocketChannel to;
  private final Random random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
  private int heldBytes;
  private long lastDue = System.nanoTime();
  private boolean held;
  private boolean swallows;
  private boolean closed;
  private boolean fromEnded;
  private boolean writerDone;

  FaultPipe(
      FaultLink link,
      FaultProxy.Direction direction,
      SocketChannel from,
      SocketChannel to,
      Random random) {
    this.link = link;
    this.direction = direction;
    this.from = from;
    this.to = to;
    this.random = random;
  }

  void start(String name) {
    link.proxy().threads().start(name + "-reads", this::readAll);
    link.proxy().threads().start(name + "-writes", this::writeAll);
  }

  /** From now on nothing arrives, not even an end; for ever, as bytes are missing then. */
  void swallow() {
    change(
        () -> {
          swallows = true;
          chunks.clear();
          heldBytes = 0;
        });
  }

  void hold(boolean on) {
    change(() -> held = on);
  }

  void close() {
    change(() -> closed = true);
  }

  /** Whether the sender has ended, and nothing more comes out. */
  boolean ended() {
    return locked(() -> fromEnded && writerDone);
  }

  private void readAll() {
    ByteBuffer buffer = ByteBuffer.allocate(Weather.MAX_SLICE);
    try {
      while (from.read(buffer.clear()) >= 0) {
        buffer.flip();
        link.proxy().count(direction, buffer.remaining());
        ByteBuffer copy = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
        if (!put(copy, false)) {
          return;
        }
      }
      put(ByteBuffer.allocate(0), true);
    } catch (IOException e) {
      fromEnded();
      if (!locked(() -> swallows || held)) {
        link.reset();
      }
      return;
    }
    fromEnded();
  }

  private void fromEnded() {
    change(() -> fromEnded = true);
    link.closeIfOver();
  }

  /** Queues a chunk once there is room; false if the pipe was closed. */
  private boolean put(ByteBuffer bytes, boolean last) {
    Weather weather = link.proxy().weather(direction);
    lock.lock();
    try {
      while (heldBytes >= MAX_HELD_BYTES && !swallows && !closed) {
        changed.awaitUninterruptibly();
      }
      if (swallows || closed) {
        return !closed;
      }
      long jitter = (long) (random.nextDouble() * weather.jitter().toNanos());
      long due = System.nanoTime() + weather.latency().toNanos() + jitter;
      lastDue = due - lastDue > 0 ? due : lastDue;
      heldBytes += bytes.remaining();
      chunks.add(new Chunk(bytes, lastDue, last));
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void writeAll() {
    try {
      Chunk chunk;
      while ((chunk = take()) != null) {
        if (chunk.last()) {
          to.shutdownOutput();
          break;
        }
        write(chunk.bytes());
      }
    } catch (IOException e) {
      // The other pipe reads from this peer and tells its end; here only the sender is emptied.
      swallow();
    }
    change(() -> writerDone = true);
    link.closeIfOver();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining() && passes()) {
      Weather weather = link.proxy().weather(direction);
      int size = weather.maxSlice() == Weather.MAX_SLICE ? Weather.MAX_SLICE : slice(weather);
      ByteBuffer slice = bytes.slice(bytes.position(), Math.min(size, bytes.remaining()));
      int length = slice.remaining();
      while (slice.hasRemaining()) {
        to.write(slice);
      }
      bytes.position(bytes.position() + length);
      if (weather.bytesPerSecond() != Long.MAX_VALUE) {
        double seconds = (double) length / weather.bytesPerSecond();
        pause(System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1)));
      }
    }
  }

  private int slice(Weather weather) {
    lock.lock();
    try {
      return 1 + random.nextInt(weather.maxSlice());
    } finally {
      lock.unlock();
    }
  }

  /** The next chunk when it is due; null when nothing more will pass. */
  private @Nullable Chunk take() {
    lock.lock();
    try {
      while (!swallows && !closed) {
        Chunk first = chunks.peek();
        long wait = first == null ? 0 : first.dueNanos() - System.nanoTime();
        if (first == null || held) {
          changed.awaitUninterruptibly();
        } else if (wait > 0) {
          awaitNanos(wait);
        } else {
          chunks.remove();
          heldBytes -= first.bytes().remaining();
          changed.signalAll();
          return first;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private boolean passes() {
    lock.lock();
    try {
      while (held && !swallows && !closed) {
        changed.awaitUninterruptibly();
      }
      return !swallows && !closed;
    } finally {
      lock.unlock();
    }
  }

  private void pause(long untilNanos) {
    lock.lock();
    try {
      while (!swallows && !closed && untilNanos - System.nanoTime() > 0) {
        awaitNanos(untilNanos - System.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The lock is held. Nobody interrupts these threads; if somebody does, the pipe ends. */
  @SuppressWarnings("WaitNotInLoop") // Its callers have the loops.
  private void awaitNanos(long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean locked(java.util.function.BooleanSupplier question) {
    lock.lock();
    try {
      return question.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }
}
