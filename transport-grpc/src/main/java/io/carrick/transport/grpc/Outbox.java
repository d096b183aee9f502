package io.carrick.transport.grpc;

import io.carrick.wire.v1.ToResponder;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.LinkedList;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What goes to a program that answers topics, in order, as fast as gRPC takes it. Calls are refused
 * once {@value #MAX_BYTES} bytes or {@value #MAX_ENTRIES} entries wait. What is said about calls is
 * always taken: there is little for each call that the program knows. Safe for use by any thread.
 */
final class Outbox {

  static final int MAX_BYTES = 1 << 20;
  static final int MAX_ENTRIES = 1_024;

  /** Something to say. */
  interface Entry {

    /** What it holds while it waits. */
    default int bytes() {
      return 0;
    }

    /** What to say, made at the last moment; null if that has become needless. */
    @Nullable ToResponder take();
  }

  private final ServerCall<?, ToResponder> call;
  private final Object lock = new Object();

  // Guarded by lock, as what is done to the call.
  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<Entry> queue = new LinkedList<>();

  private int bytes;
  private boolean closed;

  Outbox(ServerCall<?, ToResponder> call) {
    this.call = call;
  }

  void open() {
    synchronized (lock) {
      call.sendHeaders(new Metadata());
    }
  }

  /** Queues a call; false if too much waits. */
  boolean offer(Entry entry) {
    synchronized (lock) {
      boolean full =
          queue.size() >= MAX_ENTRIES || (!queue.isEmpty() && bytes + entry.bytes() > MAX_BYTES);
      if (closed || full) {
        return false;
      }
      add(entry);
    }
    return true;
  }

  /** Queues what is said about calls and topics. */
  void say(Entry entry) {
    synchronized (lock) {
      if (!closed) {
        add(entry);
      }
    }
  }

  private void add(Entry entry) {
    queue.add(entry);
    bytes += entry.bytes();
    writeMore();
  }

  /** Whether so much waits that nothing more should be asked. */
  boolean isFull() {
    synchronized (lock) {
      return queue.size() >= MAX_ENTRIES;
    }
  }

  /** GRPC may take more. */
  void ready() {
    synchronized (lock) {
      writeMore();
    }
  }

  private void writeMore() {
    while (!closed && call.isReady()) {
      Entry entry = queue.poll();
      if (entry == null) {
        return;
      }
      bytes -= entry.bytes();
      ToResponder said = entry.take();
      if (said != null) {
        call.sendMessage(said);
      }
    }
  }

  /** Says nothing more. */
  void close() {
    synchronized (lock) {
      closed = true;
      queue.clear();
      bytes = 0;
    }
  }

  /** Says how it ends. */
  void close(Status status, Metadata trailers) {
    synchronized (lock) {
      if (!closed) {
        close();
        call.close(status, trailers);
      }
    }
  }
}
