package io.carrick.core.session.state;

import io.carrick.Priority;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.queue.Fifo;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a session: out-queues, priorities, credit (F2, F3, F6). It schedules what
 * goes next, and {@link FrameStore} stores it.
 */
public final class Outbound {

  /** {@link #supply}: the peer takes no more items. */
  public static final int STOPPED = -1;

  /** Bytes of frames that wait for one write. */
  static final int BATCH_BYTES = 64 << 10;

  /** Notices that wait for the peer to take those before. */
  static final int MOST_NOTICES = 64;

  private static final int[] QUANTUM = {4 * 4096, 16 * 4096, 4096};

  public final ReplayRing ring;
  private final FrameStore frames;
  private final SessionCore core;
  private final SessionConfig config;

  // One-way messages and publishes keep their order: only the first of a lane is scheduled.
  private final SendOrder lanes = new SendOrder();
  private final ExchangeQueue[] active = queues(ExchangeQueue.ACTIVE, 3);
  private final ExchangeQueue[] unopened = queues(ExchangeQueue.UNOPENED, 2);
  private final ExchangeQueue control = new ExchangeQueue(ExchangeQueue.CONTROL);
  private final Fifo<byte[]> notices = new Fifo<>();
  private byte @Nullable [] fin;
  private final long[] deficit = new long[3];
  private int turn;

  private long nextExchange;
  private final long[] opened = new long[2];
  private final long[] allowed = new long[2];

  public int waitingCalls;
  public int waitingBytes;
  public int queuedBytes;

  Outbound(SessionCore core, SessionConfig config, boolean initiator, long calls, long streams) {
    this.core = core;
    this.config = config;
    this.ring = new ReplayRing(config.replayBytes(), config.replayFrames());
    this.frames = new FrameStore(core, ring);
    this.nextExchange = initiator ? 1 : 2;
    allowed[0] = calls;
    allowed[1] = streams;
  }

  private static ExchangeQueue[] queues(int sort, int count) {
    ExchangeQueue[] queues = new ExchangeQueue[count];
    Arrays.setAll(queues, i -> new ExchangeQueue(sort));
    return queues;
  }

  public boolean hasRoomToWait(int bytes) {
    return !core.has(Rule.WAITING_BOUND)
        || (waitingCalls < config.waitingCalls()
            && (waitingCalls == 0 || waitingBytes + bytes <= config.waitingBytes()));
  }

  /** An OPEN of this side waits from now on. */
  void open(Exchange x, OutMessage message) {
    x.waiting = true;
    x.waitingBytes = message.payload.length;
    waitingCalls++;
    waitingBytes += x.waitingBytes;
    x.enqueue(message);
    queuedBytes += message.payload.length;
    if (lanes.add(x)) {
      activate(x);
    }
  }

  void enqueue(Exchange x, OutMessage message) {
    x.enqueue(message);
    queuedBytes += message.payload.length;
    if (x.id != 0) {
      activate(x);
    }
  }

  void credit(Exchange x) {
    if (x.id == 0) {
      // The OPEN was encoded with less: CREDIT goes behind it.
      x.creditOwed = true;
    } else {
      control.add(x);
    }
  }

  /** Empties the out-queue; an OPEN still there leaves no trace, else CANCEL goes out. */
  void cancel(Exchange x, int code) {
    boolean sequenced = x.id != 0;
    drop(x);
    if (sequenced) {
      x.cancelCode = code;
      x.cancelQueued = true;
      control.add(x);
    }
  }

  /** The exchange has ended: nothing of it is sent any more. */
  void drop(Exchange x) {
    queuedBytes -= x.outBytes;
    x.clearOut();
    stopWaiting(x);
    Exchange next = lanes.remove(x);
    if (next != null) {
      activate(next);
    }
  }

  /** The exchange is over: nothing of it waits any more, but a CANCEL. */
  void ended(Exchange x) {
    active[x.priority.ordinal()].remove(x);
    unopened[sort(x)].remove(x);
    if (!x.cancelQueued) {
      control.remove(x);
    }
  }

  private static int sort(Exchange x) {
    return x.kind.oneShot() ? 0 : 1;
  }

  /** How many exchanges its queues keep, those that have left, too. */
  int keptExchanges() {
    int kept = control.kept();
    for (ExchangeQueue queue : active) {
      kept += queue.kept();
    }
    return kept + unopened[0].kept() + unopened[1].kept();
  }

  /** Says something once; a peer that takes none of so many before is told no more of it. */
  void notice(byte[] body) {
    if (notices.size() < MOST_NOTICES) {
      notices.add(body);
    }
  }

  /** Ends the session's sending: stored once nothing else is left (R14). */
  void fin(byte[] body) {
    fin = body;
  }

  private void stopWaiting(Exchange x) {
    if (x.waiting) {
      x.waiting = false;
      waitingCalls--;
      waitingBytes -= x.waitingBytes;
    }
  }

  private void activate(Exchange x) {
    if (x.firstOut() != null) {
      active[x.priority.ordinal()].add(x);
    }
  }

  /** The peer allows the exchange more; false if it does not. */
  boolean raise(Exchange x, long bytes, long items) {
    if (bytes <= x.bytesAllowed && items <= x.itemsAllowed) {
      return false;
    }
    x.bytesAllowed = Math.max(x.bytesAllowed, bytes);
    x.itemsAllowed = Math.max(x.itemsAllowed, items);
    activate(x);
    return true;
  }

  /**
   * The peer allows more exchanges: those that waited for it are scheduled again. False if it does
   * not.
   */
  boolean raiseOpens(long calls, long streams) {
    if (calls <= allowed[0] && streams <= allowed[1]) {
      return false;
    }
    allowed[0] = Math.max(allowed[0], calls);
    allowed[1] = Math.max(allowed[1], streams);
    for (int sort = 0; sort < 2; sort++) {
      long free = allowed[sort] - opened[sort];
      for (; free > 0; free--) {
        Exchange x = unopened[sort].poll();
        if (x == null) {
          break;
        }
        activate(x);
      }
    }
    return true;
  }

  boolean hasUnsent() {
    return ring.unhanded() > 0 || fin != null || hasQueued();
  }

  private boolean hasQueued() {
    return !control.isEmpty()
        || !notices.isEmpty()
        || !active[0].isEmpty()
        || !active[1].isEmpty()
        || !active[2].isEmpty();
  }

  /** Gives sequence numbers to what may go now, up to one batch. */
  public void schedule(long now) {
    boolean empty = ring.usedBytes() == 0;
    if (scheduleControl()) {
      scheduleData();
    }
    byte[] last = fin;
    if (last != null && !hasQueued() && frames.store(last)) {
      fin = null;
    }
    if (empty && ring.usedBytes() > 0) {
      core.liveness.sending(now);
    }
  }

  /** False where one has no room: then data may not take what becomes free before it. */
  private boolean scheduleControl() {
    while (ring.unhandedBytes() < BATCH_BYTES && (!control.isEmpty() || !notices.isEmpty())) {
      if (!storeControl()) {
        return false;
      }
    }
    return true;
  }

  private void scheduleData() {
    int idle = 0;
    while (idle <= 3 && ring.unhandedBytes() < BATCH_BYTES) {
      ExchangeQueue queue = active[turn];
      Exchange x = deficit[turn] <= 0 ? null : queue.poll();
      if (x == null) {
        boolean empty = queue.isEmpty();
        idle = empty ? idle + 1 : 0;
        if (empty) {
          deficit[turn] = 0;
        }
        nextTurn();
        continue;
      }
      int bytes = storeNext(x);
      if (bytes < 0) {
        queue.addFirst(x);
        if (x.priority != Priority.BULK) {
          return;
        }
        // Bulk has its part of the window: what is left is for the others.
        idle++;
        deficit[turn] = 0;
        nextTurn();
        continue;
      }
      idle = 0;
      deficit[turn] -= bytes;
      if (bytes > 0) {
        activate(x);
      }
    }
  }

  private void nextTurn() {
    turn = (turn + 1) % 3;
    deficit[turn] += QUANTUM[turn];
  }

  private boolean storeControl() {
    byte[] body = notices.peek();
    if (body != null) {
      if (!frames.store(body)) {
        return false;
      }
      notices.poll();
      return true;
    }
    Exchange x = control.peek();
    if (x == null) {
      return true;
    }
    if (!frames.store(
        x.cancelQueued
            ? FrameWriter.cancel(x.id, x.cancelCode)
            : FrameWriter.credit(x.id, x.bytesGranted, x.itemsGranted, x.inStopped))) {
      return false;
    }
    x.cancelQueued = false;
    control.poll();
    return true;
  }

  /**
   * Stores one frame of an exchange: its bytes; 0 where the exchange must wait; -1 where all must.
   */
  private int storeNext(Exchange x) {
    OutMessage message = x.firstOut();
    if (message == null) {
      return 0;
    }
    if (!message.isData()) {
      return storeEnd(x, message);
    }
    if (message.form == OutMessage.Form.OPEN && !message.started) {
      int sort = sort(x);
      if (opened[sort] >= allowed[sort]) {
        unopened[sort].add(x);
        return 0;
      }
    }
    return storeData(x, message);
  }

  private int storeEnd(Exchange x, OutMessage message) {
    int size = frames.storeEnd(x, message);
    if (size < 0) {
      return -1;
    }
    x.removeFirstOut();
    if (message.last) {
      core.sentLast(x);
    }
    return size;
  }

  private int storeData(Exchange x, OutMessage message) {
    boolean open = message.form == OutMessage.Form.OPEN;
    boolean first = !message.started;
    if (!open && first && !x.kind.oneShot() && x.itemsSent >= x.itemsAllowed) {
      return 0;
    }
    long id = open && x.id == 0 ? nextExchange : x.id;
    int chunk = frames.chunk(x, id, message);
    if (chunk < 0) {
      return 0;
    }
    boolean more = chunk < message.remaining();
    int size = frames.storeData(x, id, message, chunk);
    if (size < 0) {
      return -1;
    }
    if (open && first) {
      x.id = id;
      nextExchange += 2;
      opened[sort(x)]++;
      core.numbered(x);
      if (x.creditOwed) {
        x.creditOwed = false;
        credit(x);
      }
    }
    message.started = true;
    message.sent += chunk;
    x.bytesSent += chunk;
    if (!more) {
      finished(x, message, open);
    }
    return size;
  }

  private void finished(Exchange x, OutMessage message, boolean open) {
    queuedBytes -= message.payload.length;
    x.removeFirstOut();
    if (open) {
      stopWaiting(x);
      Exchange next = lanes.remove(x);
      if (next != null) {
        activate(next);
      }
    } else {
      x.itemsSent++;
      if (message.last) {
        core.sentLast(x);
        return;
      }
    }
    if (!x.kind.oneShot() && x.outBytes < BATCH_BYTES) {
      core.ready(x);
    }
  }

  /** A connection took the next frames. */
  public void handed(int count) {
    frames.handed(count);
  }

  void acknowledged(long cum, long now) {
    frames.acknowledged(cum, now);
  }

  /**
   * How many more items the owner may ask of its publisher: at most 32 are outstanding. {@link
   * #STOPPED} where the peer takes none.
   */
  public int supply(Exchange x) {
    if (x.outStopped) {
      return STOPPED;
    }
    if (x.end != null || x.outDone || x.outBytes >= BATCH_BYTES) {
      return 0;
    }
    long free = x.itemsAllowed - x.itemsPermitted;
    long outstanding = x.itemsPermitted - x.itemsQueued;
    int more = (int) Math.min(free, 32 - outstanding);
    if (more <= 0 || (outstanding > 16 && free > more)) {
      return 0;
    }
    x.itemsPermitted += more;
    return more;
  }
}
