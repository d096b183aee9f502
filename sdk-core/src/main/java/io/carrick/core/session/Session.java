package io.carrick.core.session;

import io.carrick.CallCancelledException;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverloadedException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Limits;
import io.carrick.spi.CloseReason;
import io.carrick.spi.Connection;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session with threads, a clock and a connection: the driver of {@link SessionCore}. One short
 * lock is the serial section (F13): inside there is no user code, no call that blocks and no write
 * to a socket. Whoever leaves the section writes what became due, and then calls the owners of
 * exchanges that changed. Safe for use by any thread.
 */
public final class Session {

  private static final Exchange[] NONE = {};

  private static final int MAX_TOLD = 256;
  private static final int POLLED = 32;
  private static final int POLLED_BYTES = 64 << 10;
  private static final long HELD_NANOS = 1_000_000L;

  final ReentrantLock lock = new ReentrantLock();
  final SessionRuntime runtime;
  final SessionConfig config;
  private final Condition room = lock.newCondition();
  private final SessionCore core;
  private final SessionEvents events;
  private final PeerIdentity peer;
  private final SessionWriter writer;
  private final Connection connection;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** What this batch of frames made ready. Touched by the reading thread only. */
  private final ArrayDeque<Exchange> told = new ArrayDeque<>();

  private volatile long timerAt;
  private volatile long held;
  private volatile boolean open = true;
  private int waiters;
  private boolean reading;
  private long readAt;

  /** When the timer writes what a batch holds; 0 where nothing is held. */
  private long heldUntil;

  private boolean endTold;

  Session(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      boolean initiator,
      Limits peerLimits,
      PeerIdentity peer) {
    this.connection = connection;
    this.config = config;
    this.runtime = runtime;
    this.events = events;
    this.peer = peer;
    long now = runtime.now();
    this.core = new SessionCore(config, initiator, peerLimits, now);
    this.writer = new SessionWriter(this, core, connection);
    this.timerAt = now;
  }

  /**
   * Shakes hands as the side that dialled. The future fails with {@link ConnectException} and the
   * connection is closed, if nothing answers in time, the peer refuses or speaks another protocol.
   *
   * @param expectedService the name that the peer must bear; empty for any
   */
  public static CompletableFuture<Session> initiate(
      Connection connection,
      SessionConfig config,
      String expectedService,
      SessionRuntime runtime,
      SessionEvents events) {
    return SessionReceiver.initiate(connection, config, expectedService, runtime, events);
  }

  /** Shakes hands as the side that listens; {@code started} gets the session once it is open. */
  public static void accept(
      Connection connection,
      SessionConfig config,
      SessionRuntime runtime,
      SessionEvents events,
      Consumer<Session> started) {
    SessionReceiver.accept(connection, config, runtime, events, started);
  }

  /** Who is at the other end. */
  public PeerIdentity peer() {
    return peer;
  }

  /** Whether exchanges can be opened. */
  public boolean isOpen() {
    return open;
  }

  /** The smoothed round-trip time in nanoseconds; -1 where none was measured. */
  public long rttNanos() {
    lock.lock();
    try {
      return core.liveness.rtt();
    } finally {
      lock.unlock();
    }
  }

  /** How many exchanges have not ended. */
  public int openExchanges() {
    lock.lock();
    try {
      return core.livingCount();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens an exchange. An application's thread waits while the limits of F2 are reached.
   *
   * @throws SessionLostException if the session is closing or over; nothing was sent
   * @throws OverloadedException on a thread of Carrick where it would have to wait
   * @throws DeadlineExceededException if there was no room until the deadline
   * @throws CallCancelledException if the waiting thread was interrupted; its interrupt flag is set
   */
  public Exchange open(Opening opening, ExchangeOwner owner) {
    if (tooLong(opening.payload())) {
      throw new OverloadedException(Delivered.NO, tooLarge(opening.payload().length));
    }
    lock.lock();
    Exchange x;
    try {
      awaitRoom(opening);
      x = core.open(opening, owner, runtime.now());
    } catch (Throwable t) {
      lock.unlock();
      throw t;
    }
    leave();
    return x;
  }

  private void awaitRoom(Opening opening) {
    long left = opening.timeoutNanos() == 0 ? Long.MAX_VALUE : opening.timeoutNanos();
    while (true) {
      if (!open) {
        throw new SessionLostException(
            Delivered.NO, "the session with " + peer.service() + " is closed", null);
      }
      if (core.out.hasRoomToWait(opening.payload().length)) {
        return;
      }
      String full =
          core.out.waitingCalls
              + " calls of "
              + core.out.waitingBytes
              + " bytes wait for "
              + peer.service();
      if (CarrickThreads.isCarrick()) {
        throw new OverloadedException(
            Delivered.NO, full + ": a handler or continuation never waits for room, retry later");
      }
      if (left <= 0) {
        throw new DeadlineExceededException(Delivered.NO, full + ", and there was no room in time");
      }
      waiters++;
      try {
        left = room.awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CallCancelledException(
            Delivered.NO, "interrupted while " + full + " and this call waited for room", e);
      } finally {
        waiters--;
      }
    }
  }

  /** Gives an exchange that the peer opened to its owner. */
  public void adopt(Exchange x, ExchangeOwner owner) {
    lock.lock();
    x.owner = owner;
    lock.unlock();
  }

  /** The next whole message of the inbox, whose credit goes back; null where there is none. */
  public @Nullable InboundMessage poll(Exchange x) {
    lock.lock();
    InboundMessage message = core.poll(x);
    leave();
    return message;
  }

  /** Takes the next whole messages of the inbox, a small batch at most, as {@link #poll} does. */
  public void poll(Exchange x, Collection<? super InboundMessage> into) {
    lock.lock();
    int bytes = 0;
    for (int i = 0; i < POLLED && bytes < POLLED_BYTES; i++) {
      InboundMessage message = core.poll(x);
      if (message == null) {
        break;
      }
      bytes += message.payload().length;
      into.add(message);
    }
    leave();
  }

  /** Asks for more items; n is positive. */
  public void request(Exchange x, long n) {
    lock.lock();
    core.in.demand(x, n);
    leave();
  }

  /** Queues a message of this side; {@code last} ends this side with it. Ignored after the end. */
  public void send(
      Exchange x,
      String topic,
      Headers headers,
      String contentType,
      byte[] payload,
      long missed,
      boolean last) {
    if (tooLong(payload)) {
      refuseTooLarge(x, payload.length);
      return;
    }
    byte[] head = FrameWriter.itemHead(topic, headers, contentType);
    lock.lock();
    core.send(x, head, payload, missed, last);
    leave();
  }

  private void refuseTooLarge(Exchange x, int bytes) {
    if (x.openedByPeer()) {
      fail(x, StatusCode.RESOURCE_EXHAUSTED, tooLarge(bytes), Map.of(), false);
    } else {
      cancel(x, StatusCode.CANCELLED);
      throw new OverloadedException(Delivered.NO, tooLarge(bytes));
    }
  }

  private boolean tooLong(byte[] payload) {
    return payload.length > Math.min(config.maxMessageBytes(), peer.maxMessageBytes());
  }

  private String tooLarge(int bytes) {
    boolean here = bytes > config.maxMessageBytes();
    return "message of "
        + bytes
        + " bytes exceeds the "
        + (here ? config.maxMessageBytes() : peer.maxMessageBytes())
        + (here ? " that this node sends" : " that " + peer.service() + " takes")
        + ": raise maxMessageBytes "
        + (here ? "here" : "there")
        + ", or send a stream of smaller messages";
  }

  /** Tells the opener of a subscription that it was accepted. */
  public void accept(Exchange x) {
    lock.lock();
    core.accept(x);
    leave();
  }

  /** Whether the service has accepted this subscription. */
  public boolean isAccepted(Exchange x) {
    lock.lock();
    try {
      return x.accepted;
    } finally {
      lock.unlock();
    }
  }

  /** Ends this side without a message. */
  public void finish(Exchange x) {
    lock.lock();
    core.finish(x);
    leave();
  }

  /** Ends an exchange that the peer opened by a failure, after the items queued before. */
  public void fail(
      Exchange x,
      StatusCode code,
      String message,
      Map<String, String> details,
      boolean notDelivered) {
    byte[] body = FrameWriter.error(x.id, code.number(), message, details, notDelivered);
    lock.lock();
    core.fail(x, body);
    leave();
  }

  /** Gives up an exchange that this side opened. */
  public void cancel(Exchange x, StatusCode code) {
    lock.lock();
    core.cancel(x, code);
    leave();
  }

  /** How many more items the owner may ask of its publisher now; permission is handed out once. */
  public int supply(Exchange x) {
    lock.lock();
    try {
      return core.out.supply(x);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the peer has said its last and all of it was polled. */
  public boolean inboundDone(Exchange x) {
    lock.lock();
    try {
      return (x.inDone || x.end != null) && x.inboxEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the session in order (F14); completes when it is over. */
  public CompletableFuture<Void> close(String reason) {
    lock.lock();
    open = false;
    core.close(reason, runtime.now());
    leave();
    return over;
  }

  /** Ends the session at once. */
  public void abort(StatusCode code, String message) {
    tellPeer(message);
    lose(code, message);
  }

  /** Says why the connection is about to close, where no write is under way. */
  private void tellPeer(String reason) {
    lock.lock();
    boolean mine = writer.seize();
    lock.unlock();
    if (mine) {
      connection.send(ByteBuffer.wrap(FrameWriter.pathClose(reason)));
      connection.flush();
    }
  }

  // For the receiver, the writer and the timer.

  /** The connection has closed; on the reading thread. */
  void closed(StatusCode code, String message) {
    tellRead();
    lose(code, message);
  }

  void lose(StatusCode code, String message) {
    lock.lock();
    core.lose(new End(End.Cause.SESSION_LOST, code, message, Map.of(), Delivered.MAYBE));
    leave();
  }

  void onFrame(io.carrick.core.frame.FrameParser frame, int size) {
    String violation = null;
    lock.lock();
    if (!reading) {
      reading = true;
      readAt = runtime.now();
    }
    try {
      if (core.ended() == null) {
        core.onFrame(frame, size, readAt);
      }
    } catch (ViolationException e) {
      violation = e.getMessage();
    } catch (RuntimeException e) {
      // A fault of ours must not leave the lock held: the session ends instead.
      violation = frame.type() + " could not be handled: " + e;
    }
    collect(core.takeReady());
    if (core.ended() == null && told.size() < MAX_TOLD) {
      lock.unlock();
    } else {
      leave();
      tellRead();
    }
    if (violation != null) {
      violated(violation);
    }
  }

  /** Keeps what frames made ready until the batch is read, since one wake-up then does for many. */
  private void collect(@Nullable Exchange first) {
    for (Exchange x = first; x != null; x = x.nextReady) {
      x.readyQueued = false;
      if (x.owner == null || !Objects.equals(told.peekLast(), x)) {
        told.add(x);
      }
    }
  }

  private void tellRead() {
    for (Exchange x = told.poll(); x != null; x = told.poll()) {
      tellReady(x);
    }
  }

  void violated(String rule) {
    tellRead();
    String message = peer.service() + " broke the protocol: " + rule;
    System.getLogger("io.carrick.audit")
        .log(System.Logger.Level.WARNING, "{0} ({1})", message, peer.path().address());
    tellPeer(rule);
    lose(StatusCode.INTERNAL, message);
  }

  void onBatchEnd() {
    tellRead();
    lock.lock();
    reading = false;
    leave();
  }

  void onWritable() {
    lock.lock();
    writer.writable();
    leave();
  }

  long nextTick() {
    return timerAt;
  }

  void tick() {
    lock.lock();
    core.mayGrow(runtime.budget().mayGrow());
    long now = runtime.now();
    core.tick(now);
    if (heldUntil - now <= 0) {
      heldUntil = 0;
    }
    leave();
  }

  long heldBytes() {
    return held;
  }

  void overBudget(Budget budget) {
    abort(
        StatusCode.RESOURCE_EXHAUSTED,
        "the buffers of all sessions hold "
            + budget.used()
            + " bytes, more than the "
            + budget.limit()
            + " allowed, and this one holds most ("
            + held
            + "): raise bufferBudget, or send less at a time");
  }

  /** Leaves the serial section: writes what is due, and calls the owners of what changed. */
  private void leave() {
    boolean write = !reading && writer.isDue();
    if (write && WriteBatch.holds(this)) {
      write = false;
      if (heldUntil == 0) {
        heldUntil = (runtime.now() + HELD_NANOS) | 1;
      }
    }
    leave(write && claim());
  }

  private boolean claim() {
    heldUntil = 0;
    return writer.claim();
  }

  /** Writes what a batch has held. */
  void flush() {
    lock.lock();
    leave(!reading && claim());
  }

  private void leave(boolean write) {
    Exchange ready = core.takeReady();
    Exchange[] others = detach(ready);
    End end = core.ended();
    boolean tellEnd = end != null && !endTold;
    endTold |= tellEnd;
    if (end != null) {
      open = false;
    } else if (core.state() != SessionCore.State.OPEN || core.peerDraining()) {
      open = false;
    }
    if (waiters > 0 && (!open || core.out.hasRoomToWait(0))) {
      room.signalAll();
    }
    account(end != null);
    long at = core.nextTick();
    if (heldUntil != 0 && heldUntil - at < 0) {
      at = heldUntil;
    }
    timerAt = at;
    lock.unlock();
    runtime.wakeAt(at);
    if (write) {
      writer.run();
    }
    if (tellEnd && end != null) {
      tellEnd(end);
    }
    if (ready != null) {
      tellReady(ready);
      for (Exchange other : others) {
        tellReady(other);
      }
    }
  }

  /**
   * Those behind the first one. They leave the chain here, inside the section, because each may be
   * ready again before its owner was called.
   */
  private static Exchange[] detach(@Nullable Exchange first) {
    if (first == null) {
      return NONE;
    }
    first.readyQueued = false;
    int count = 0;
    for (Exchange x = first.nextReady; x != null; x = x.nextReady) {
      x.readyQueued = false;
      count++;
    }
    if (count == 0) {
      return NONE;
    }
    Exchange[] others = new Exchange[count];
    Exchange x = first.nextReady;
    for (int i = 0; x != null; i++) {
      others[i] = x;
      x = x.nextReady;
    }
    return others;
  }

  private void tellReady(Exchange x) {
    ExchangeOwner owner = x.owner;
    if (owner != null) {
      owner.ready(x);
    } else {
      events.opened(this, x);
    }
  }

  private void account(boolean end) {
    long now = end ? 0 : core.heldBytes();
    long difference = now - held;
    if (end ? difference != 0 : Math.abs(difference) >= 4096) {
      held = now;
      runtime.budget().add(difference);
    }
  }

  private void tellEnd(End end) {
    runtime.remove(this);
    connection.close(CloseReason.local(end.message()));
    try {
      events.ended(this, end);
    } finally {
      over.complete(null);
    }
  }

  /**
   * The writer, inside the serial section, has nothing left: the end of the session may have come.
   */
  void written(long now) {
    core.written(now);
    leave(false);
  }

  static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
