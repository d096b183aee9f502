package io.carrick.transport.support;

import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import java.nio.ByteBuffer;
import java.util.LinkedList;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel over a library that takes whatever it is given, or one write at a time, and confirms
 * each later: what it has not confirmed is bounded here. Touched only on the loop.
 */
public abstract class ConfirmedChannel implements PacketChannel {

  private static final int LINGER_MILLIS = 1_000;

  private final Executor loop;
  private final QueuedConnection connection;
  private final int mostUnconfirmedBytes;

  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Queue<Packet> rest = new LinkedList<>(); // What was held at the close.

  private int writes;
  private int unconfirmedBytes;
  private @Nullable CloseReason ending;
  private boolean cut;

  /**
   * A channel and its connection.
   *
   * @param loop as {@link QueuedConnection} needs it
   * @param mostUnconfirmedBytes below so many another packet is written; 0 for one write at a time
   */
  protected ConfirmedChannel(Executor loop, int mostUnconfirmedBytes, PeerInfo peer) {
    this.loop = loop;
    this.mostUnconfirmedBytes = mostUnconfirmedBytes;
    this.connection = new QueuedConnection(loop, this, peer);
  }

  /** The connection over this channel. */
  public final QueuedConnection connection() {
    return connection;
  }

  /**
   * Gives bytes to the library, which must not block.
   *
   * @param confirmed to be told once that the bytes may be forgotten, or why they could not be
   *     written; on any thread, also before this returns
   */
  protected abstract void write(ByteBuffer packet, Consumer<@Nullable Throwable> confirmed);

  /**
   * Closes what the library has open, at once. Called once: when all is confirmed, when a second
   * has passed, or when nobody needs what is left.
   */
  protected abstract void cut(CloseReason reason);

  /**
   * Whether the other side has room for one more packet, where it says so; {@link #proceed} tells
   * when that changes to true.
   */
  protected boolean hasRoom() {
    return true;
  }

  @Override
  public final boolean isReady() {
    return hasRoom() && (writes == 0 || unconfirmedBytes < mostUnconfirmedBytes);
  }

  @Override
  public final boolean send(Packet packet) {
    if (rest.isEmpty() && isReady()) {
      start(packet);
    } else {
      rest.add(packet);
    }
    return false;
  }

  @Override
  public final void end(CloseReason reason) {
    ending = reason;
    if (isIdle() || reason.kind() != CloseReason.Kind.LOCAL) {
      cutNow(reason);
      return;
    }
    CompletableFuture.delayedExecutor(LINGER_MILLIS, TimeUnit.MILLISECONDS, loop)
        .execute(() -> cutNow(reason));
  }

  private void cutNow(CloseReason reason) {
    if (!cut) {
      cut = true;
      rest.clear();
      cut(reason);
    }
  }

  private void start(Packet packet) {
    Write write = new Write(packet.length());
    writes++;
    unconfirmedBytes += write.bytes;
    try {
      write(packet.buffer(), write);
    } catch (RuntimeException | Error e) {
      write.accept(e);
      throw e;
    }
  }

  private void confirmed(int bytes, @Nullable Throwable failure) {
    writes--;
    unconfirmedBytes -= bytes;
    if (failure != null) {
      rest.clear();
      connection.onEnd(
          CloseReason.network("cannot write to " + connection.peer().address() + ": " + failure));
    }
    proceed();
  }

  /** Writes what may be written now; on the loop, never inside a method of this channel. */
  protected final void proceed() {
    for (Packet next; isReady() && (next = rest.poll()) != null; ) {
      start(next);
    }
    if (ending == null) {
      connection.onReady();
    } else if (isIdle()) {
      cutNow(ending);
    }
  }

  private boolean isIdle() {
    return writes == 0 && rest.isEmpty();
  }

  /** One write, until it is confirmed. */
  private final class Write implements Consumer<@Nullable Throwable> {

    private final int bytes;
    private final AtomicBoolean told = new AtomicBoolean();

    Write(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public void accept(@Nullable Throwable failure) {
      if (told.compareAndSet(false, true)) {
        loop.execute(() -> confirmed(bytes, failure));
      }
    }
  }
}
