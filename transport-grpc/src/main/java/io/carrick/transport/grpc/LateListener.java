package io.carrick.transport.grpc;

import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Hears of a call before it is known who makes it, and passes on what came meanwhile. No message
 * comes before its handler asks for some, but then perhaps before that has returned its listener.
 * Touched on the event loop of the connection only.
 */
final class LateListener<Q> extends ServerCall.Listener<Q> {

  /** What a handler asks for at most before it has returned its listener. */
  private static final int MOST_EARLY = 2;

  private ServerCall.@Nullable Listener<Q> next;
  private final Deque<Q> messages = new ArrayDeque<>(MOST_EARLY);
  private boolean ready;
  private boolean halfClosed;
  private boolean cancelled;

  /** Passes on all that comes from now on. */
  void begin(ServerCall.Listener<Q> listener) {
    next = listener;
    if (ready) {
      listener.onReady();
    }
    for (Q message; (message = messages.poll()) != null; ) {
      listener.onMessage(message);
    }
    if (halfClosed) {
      listener.onHalfClose();
    }
  }

  /** Whether the caller has gone. */
  boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void onMessage(Q message) {
    if (next == null) {
      messages.add(message);
    } else {
      next.onMessage(message);
    }
  }

  @Override
  public void onHalfClose() {
    halfClosed = true;
    if (next != null) {
      next.onHalfClose();
    }
  }

  @Override
  public void onCancel() {
    cancelled = true;
    if (next != null) {
      next.onCancel();
    }
  }

  @Override
  public void onComplete() {
    if (next != null) {
      next.onComplete();
    }
  }

  @Override
  public void onReady() {
    ready = true;
    if (next != null) {
      next.onReady();
    }
  }
}
