package io.carrick.core.session;

import io.carrick.MessagingException;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.run.Unfinished;
import io.carrick.core.run.WriteBatch;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.SessionCore;
import io.carrick.spi.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * The serial section of a session (F13), and the only way to change its state: whatever a step
 * throws, the section is left. A step that throws may have left the state torn, so the session ends
 * then, with a failure that says why. Who leaves writes what became due, and then calls the owners
 * of exchanges that changed. Steps that are done for every message capture nothing.
 */
final class Section implements Unfinished, WriteBatch.Writer {

  private static final Exchange[] NONE = {};
  private static final CloseReason BROKE = CloseReason.local("the connection broke");

  /** How long what a batch holds may wait for the timer. */
  private static final long HELD_NANOS = 1_000_000L;

  /** Smaller changes are not accounted for. */
  private static final int ACCOUNT_BYTES = 4096;

  /** How a step leaves the section. */
  enum Leave {
    /** What became due stays for who leaves next. */
    LATER,
    /** Who is concerned is told, and nothing is written. */
    TOLD,
    /** What is due is written, unless a batch holds it back. */
    WRITTEN,
    FLUSHED
  }

  /** What is done inside. */
  interface Step<A, B> {
    void run(SessionCore core, A a, B b);
  }

  /** What is done inside, and tells how to leave. */
  interface Part<A, B> {
    Leave run(SessionCore core, A a, B b);
  }

  /** What is done inside for a result. */
  interface Question<A, B, R> {
    @Nullable R ask(SessionCore core, A a, B b);
  }

  private static final Step<Runnable, Runnable> RUN = (core, step, same) -> step.run();
  private static final Step<Section, Section> TELL =
      (core, section, same) -> section.handedOver = false;
  private static final Step<Section, Throwable> ABANDON =
      (core, section, t) -> {
        section.fault = t;
        core.abandon();
        section.session.faults.sayFailed(t); // There may be memory for that by now.
      };
  private static final Part<String, String> FLUSH = (core, a, b) -> Leave.FLUSHED;

  /** To look at the state, and no more: always with try and finally. */
  final SectionLock lock = new SectionLock();

  private final Session session;
  private final SessionCore core;
  private final SessionWriter writer;
  private final EventQueue notes;

  // Serial section only.
  private @Nullable Throwable fault;
  private boolean over;

  /** When the timer writes what a batch holds; 0 where nothing is held. */
  private long heldUntil;

  /** Whether what the timer found waits for a {@link Tellers teller}. */
  private volatile boolean handedOver;

  private @Nullable Unfinished keptBefore;

  private final TimerEntry entry;
  private volatile long accounted = SessionCore.BASE_BYTES;

  Section(Session session, SessionCore core, long now) {
    this.session = session;
    this.core = core;
    this.writer = new SessionWriter(session, core);
    this.notes = new EventQueue(session);
    this.entry = new TimerEntry(session, now);
  }

  SessionWriter writer() {
    return writer;
  }

  EventQueue notes() {
    return notes;
  }

  TimerEntry tick() {
    return entry;
  }

  /** What the budget knows of, in bytes. */
  long accounted() {
    return accounted;
  }

  void turn(Runnable step) {
    turn(step, step, RUN);
  }

  <A, B> void turn(A a, B b, Step<? super A, ? super B> step) {
    lock.lock();
    try {
      step.run(core, a, b);
    } catch (Throwable t) {
      failed(t);
    } finally {
      leave(Leave.WRITTEN, true);
    }
  }

  /** Tells what the timer has handed over, or is told to do so again. */
  @Override
  public void run() {
    try {
      turn(this, this, TELL);
    } catch (Throwable t) {
      handedOver = false;
      session.runtime.tellAgain(this);
    }
  }

  @Override
  public @Nullable Unfinished keptBefore() {
    return keptBefore;
  }

  @Override
  public void keptBefore(@Nullable Unfinished other) {
    keptBefore = other;
  }

  @Override
  public void flush() {
    part("", "", FLUSH);
  }

  /** The time that batches may hold something is over, if it is. */
  void release(long now) {
    if (heldUntil - now <= 0) {
      heldUntil = 0;
    }
  }

  /**
   * A turn of the timer, which waits for nobody and tells nobody itself: false where another thread
   * is inside.
   */
  <A, B> boolean tryTurn(A a, B b, Step<? super A, ? super B> step) {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      step.run(core, a, b);
    } catch (Throwable t) {
      failed(t);
    } finally {
      leave(Leave.WRITTEN, false);
    }
    return true;
  }

  /** A turn that tells how it leaves. */
  <A, B> Leave part(A a, B b, Part<? super A, ? super B> part) {
    return part(a, b, part, true);
  }

  /** The same; where not here, others tell who is concerned. */
  <A, B> Leave part(A a, B b, Part<? super A, ? super B> part, boolean here) {
    Leave how = Leave.WRITTEN;
    lock.lock();
    try {
      how = part.run(core, a, b);
    } catch (Throwable t) {
      failed(t);
    } finally {
      leave(how, here);
    }
    return how;
  }

  /**
   * A turn with a result; null where it ended the session. A {@link MessagingException} is an
   * answer to the caller, from before anything was changed.
   */
  <A, B, R> @Nullable R ask(A a, B b, Question<? super A, ? super B, R> question) {
    lock.lock();
    try {
      return question.ask(core, a, b);
    } catch (MessagingException e) {
      throw e;
    } catch (Throwable t) {
      failed(t);
      return null;
    } finally {
      leave(Leave.WRITTEN, true);
    }
  }

  /** There was no memory to tell an owner that its exchange has ended: it is told again. */
  void tellAgain(Exchange x) {
    lock.lock();
    try {
      core.ready(x);
    } finally {
      lock.unlock();
    }
    session.runtime.tellAgain(this);
  }

  /** The same for the messenger. */
  void tellAgain(@Nullable Runnable note) {
    lock.lock();
    try {
      notes.putBack(note);
    } finally {
      lock.unlock();
    }
    session.runtime.tellAgain(this);
  }

  /** Ends the session, whatever that takes; throws nothing. */
  void abandon(Throwable t) {
    turn(this, t, ABANDON);
  }

  /** For the timer: the same, or false where another thread is inside. */
  boolean tryAbandon(Throwable t) {
    return tryTurn(this, t, ABANDON);
  }

  /** Inside: the state may be torn. Ends the session, whatever that takes. */
  private void failed(Throwable t) {
    fault = t;
    try {
      session.faults.failed(t);
    } catch (Throwable again) {
      fault = again;
    }
    if (core.ended() == null || core.livingCount() > 0) {
      core.abandon();
    }
  }

  /** Unlocks, writes and tells; throws nothing. */
  private void leave(Leave how, boolean here) {
    if (how == Leave.LATER) {
      lock.unlock();
      return;
    }
    boolean write = false;
    Link broken = null;
    Link last = null;
    boolean tell = false;
    boolean later = false;
    Exchange ready = null;
    Exchange[] others = NONE;
    Throwable thrown = null;
    boolean earlier = true;
    boolean whole = false;
    try {
      write = how != Leave.TOLD && claimWrite(how == Leave.FLUSHED);
      broken = session.path.takeBroken();
      last = takeLast();
      notes.collect();
      if (here) {
        tell = notes.claim();
        others = takeOthers(core.firstReady());
        ready = core.takeReady();
      } else {
        later = !handedOver && (notes.isWaiting() || core.firstReady() != null);
        handedOver |= later;
      }
      session.changed();
      account();
      earlier = entry.want(nextTick());
      whole = true;
    } catch (Throwable t) {
      // What was not taken stays where it is, for the next turn.
      failed(t);
    } finally {
      thrown = fault;
      fault = null;
      lock.unlock();
    }
    if (!whole) {
      session.runtime.tellAgain(this);
    }
    if (thrown != null) {
      Contained.log(Failing.SESSION, thrown);
    }
    if (earlier) {
      session.runtime.tickEarlier(entry);
    }
    try {
      if (write) {
        writer.run(here);
      }
      if (broken != null) {
        broken.close(BROKE);
      }
      if (last != null) {
        writer.farewell(last);
      }
      if (tell) {
        notes.tell();
      }
      if (later && !session.runtime.tellLater(this)) {
        handedOver = false;
        session.runtime.tellAgain(this);
      }
    } catch (Throwable t) {
      session.runtime.tellAgain(this);
      Contained.log(Failing.SESSION, t);
    } finally {
      if (ready != null) {
        session.exchanges().tellReady(ready);
        for (Exchange other : others) {
          session.exchanges().tellReady(other);
        }
      }
    }
  }

  private boolean claimWrite(boolean now) {
    if (session.path.isReading() || !writer.isDue()) {
      return false;
    }
    if (!now && WriteBatch.holds(this)) {
      if (heldUntil == 0) {
        heldUntil = (session.runtime.now() + HELD_NANOS) | 1;
      }
      return false;
    }
    heldUntil = 0;
    return writer.claim();
  }

  /** The connection of a session that has ended, to be closed by the caller. */
  private @Nullable Link takeLast() {
    if (!over && core.ended() != null) {
      over = true;
      notes.ended();
      writer.end(session.path.takeLink());
    }
    return over ? writer.takeLast() : null;
  }

  /**
   * Those behind the first one. They leave the chain here, inside the section, because each may be
   * ready again before its owner was called.
   */
  private static Exchange[] takeOthers(@Nullable Exchange first) {
    int count = -1;
    for (Exchange x = first; x != null; x = x.nextReady) {
      count++;
    }
    Exchange[] others = count <= 0 ? NONE : new Exchange[count];
    int i = -1;
    for (Exchange x = first; x != null; x = x.nextReady) {
      x.readyQueued = false;
      if (i >= 0) {
        others[i] = x;
      }
      i++;
    }
    return others;
  }

  private void account() {
    long now = over ? 0 : core.heldBytes();
    long difference = now - accounted;
    if (over ? difference != 0 : Math.abs(difference) >= ACCOUNT_BYTES) {
      accounted = now;
      session.runtime.budget().add(difference);
    }
  }

  private long nextTick() {
    if (over) {
      return soon();
    }
    long at = core.nextTick();
    return heldUntil != 0 && heldUntil - at < 0 ? heldUntil : at;
  }

  private long soon() {
    return session.runtime.now() + Unfinished.AGAIN_NANOS;
  }
}
