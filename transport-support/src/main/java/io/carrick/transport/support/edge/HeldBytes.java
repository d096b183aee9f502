package io.carrick.transport.support.edge;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what the calls of a listener hold of messages that came in, whole or in part: {@value
 * #CONNECTION_BYTES} bytes or the largest message for each connection, and for all of them an
 * eighth of the heap, at least 64 MiB. Safe for use by any thread.
 */
public final class HeldBytes {

  static final long CONNECTION_BYTES = 32L << 20;

  private static final long LEAST_BYTES = 64L << 20;
  private static final int PART_OF_HEAP = 8;

  private final long limit = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  private final long connectionLimit;
  private final AtomicLong all = new AtomicLong();

  /** Of messages up to this size. */
  public HeldBytes(int maxMessageBytes) {
    this.connectionLimit = Math.max(CONNECTION_BYTES, maxMessageBytes);
  }

  /** Those of a new connection. */
  public OfConnection ofConnection() {
    return new OfConnection();
  }

  /** What the calls of one connection hold. */
  public final class OfConnection {

    private final AtomicLong held = new AtomicLong();

    private OfConnection() {}

    /** So many more bytes came, also where that is refused; null unless they are too many. */
    public @Nullable MessagingException take(int bytes) {
      long ofConnection = held.addAndGet(bytes);
      long ofAll = all.addAndGet(bytes);
      if (ofConnection > connectionLimit) {
        return tooMuch("this connection", connectionLimit);
      }
      return ofAll > limit ? tooMuch("this listener", limit) : null;
    }

    /** So many are held no more. */
    public void release(int bytes) {
      held.addAndGet(-bytes);
      all.addAndGet(-bytes);
    }
  }

  private static MessagingException tooMuch(String whose, long most) {
    return EdgeFailure.refusal(
        StatusCode.RESOURCE_EXHAUSTED,
        "the open calls of "
            + whose
            + " sent more than the "
            + most
            + " bytes that they may hold together: make fewer at a time");
  }
}
