package io.carrick.core.session.state;

import io.carrick.Delivered;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.MalformedFrameException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each frame means to the session (R1, F5). A peer that breaks a rule is answered by a {@link
 * ViolationException}, which ends the session. Serial section only.
 */
final class FrameDispatcher {

  /** The least part of a long message that is worth a frame. */
  private static final int PART_BYTES = 16 << 10;

  private final SessionCore core;
  private final boolean initiator;
  private final long initialBytes;
  private long lastTheirs;
  private final FreeFrames free;

  FrameDispatcher(SessionCore core, boolean initiator, long initialBytes, long now) {
    this.core = core;
    this.free = new FreeFrames(now);
    this.initiator = initiator;
    this.initialBytes = initialBytes;
  }

  /** The highest number of an exchange that the peer opened. */
  long lastTheirs() {
    return lastTheirs;
  }

  /** An exchange ends here before the peer has said its last: what was granted may still come. */
  void endedHere(Exchange x) {
    free.mayStillCome(
        Math.max(0, x.itemsGranted - x.itemsReceived)
            + Math.max(0, x.bytesGranted - x.bytesReceived) / PART_BYTES
            + 1);
  }

  void connected() {
    free.connected();
  }

  /** Takes one frame; whoever calls then looks whether the session ends. */
  void accept(FrameParser f, int size, long now)
      throws ViolationException, MalformedFrameException {
    FrameType type = f.type();
    core.liveness.received(
        now,
        type.sequenced(),
        type == FrameType.ACK || type == FrameType.PONG,
        core.out.ring.usedBytes() > 0);
    if (f.seq() != 0) {
      if (f.seq() > core.ack.cum() + 1 && core.has(Rule.REFUSE_GAPS)) {
        core.breakPath("frame " + f.seq() + " arrived after " + core.ack.cum() + ": a gap", now);
        return;
      }
      if (f.seq() <= core.ack.cum()) {
        core.ack.received(size, now);
        if (core.has(Rule.DROP_DUPLICATES)) {
          free.spend(type, now);
          return;
        }
      } else {
        core.ack.accepted(f.seq(), size, now);
      }
    } else if (f.type().sequenced()) {
      throw new ViolationException(f.type() + " without a sequence number");
    }
    if (handle(f, now)) {
      free.other();
    } else {
      free.spend(type, now);
    }
  }

  /** Whether the frame meant something. */
  private boolean handle(FrameParser f, long now)
      throws ViolationException, MalformedFrameException {
    switch (f.type()) {
      case OPEN -> {
        onOpen(f);
        core.used(now);
        return true;
      }
      case ITEM -> {
        return onItem(f);
      }
      case ERROR -> {
        return onError(f);
      }
      case CANCEL -> {
        return onCancel(f);
      }
      case CREDIT -> {
        return onCredit(f);
      }
      case NOTICE -> core.noticed(f);
      case FIN -> {
        return core.peerFinished(f.message());
      }
      case ACK -> {
        return onAck(f.cum(), f.calls(), f.streams(), now);
      }
      case PING -> onPing(f, now);
      case PONG -> {
        core.liveness.pong(f.token(), now);
        return onAck(f.cum(), 0, 0, now);
      }
      case PATH_CLOSE -> core.closing(f.message(), f.over(), f.code());
      // Of the handshake, where the way there delivers a frame twice.
      case HELLO, WELCOME, CHALLENGE, PROOF, RESUMED, UNKNOWN -> {}
      default -> throw new ViolationException(f.type() + " in a session that is open");
    }
    return false;
  }

  private void onOpen(FrameParser f) throws ViolationException {
    long id = f.exchange();
    if (id <= lastTheirs || (id & 1) == (initiator ? 1 : 0)) {
      throw new ViolationException(
          "OPEN of exchange " + Long.toUnsignedString(id) + " after " + lastTheirs);
    }
    lastTheirs = id;
    Kind kind = f.knownKind() ? f.kind() : Kind.STREAM;
    if (!core.ack.opened(kind.oneShot(), core.mayGrow())) {
      throw new ViolationException("OPEN of exchange " + id + " beyond the granted number");
    }
    long timeoutNanos = Math.min(f.timeoutMillis(), Integer.MAX_VALUE) * 1_000_000L;
    Priority priority = f.priority();
    OverflowPolicy overflow = f.overflow();
    Exchange x =
        new Exchange(
            false,
            kind,
            priority,
            new CallHead(
                kind, f.topic(), f.headers(), priority, timeoutNanos, overflow, f.accept()));
    x.id = id;
    x.bytesAllowed = initialBytes;
    x.itemsAllowed = f.items();
    core.in.begin(x, kind.oneShot() || kind == Kind.STREAM ? 1 : 0);
    core.living.add(x);
    core.in.openingBytes += x.incoming().heldBytes();
    if (!f.knownKind() || !offered(f.encoding())) {
      core.failNow(
          x,
          StatusCode.UNIMPLEMENTED,
          f.knownKind()
              ? "payload encoding \"" + f.encoding() + "\" was not offered"
              : "this kind of exchange is not known here: the peer speaks a newer version");
    } else if (core.state() != SessionCore.State.OPEN) {
      core.failNow(x, StatusCode.UNAVAILABLE, core.config.service() + " is closing");
    } else if (kind == Kind.CHANNEL || kind == Kind.SUBSCRIBE || core.in.accept(x, f)) {
      announce(x);
    }
  }

  private boolean offered(String encoding) {
    return encoding.isEmpty() || core.config.encodings().contains(encoding);
  }

  private void announce(Exchange x) {
    x.announced = true;
    x.inDone = x.kind != Kind.CHANNEL;
    core.ready(x);
  }

  private @Nullable Exchange find(FrameParser f) throws ViolationException {
    long id = f.exchange();
    Exchange x = core.living.get(id);
    if (x == null) {
      boolean ofMine = (id & 1) == (initiator ? 1 : 0);
      if (id == 0 || Long.compareUnsigned(id, ofMine ? core.lastMine() : lastTheirs) > 0) {
        throw new ViolationException(
            f.type() + " for exchange " + Long.toUnsignedString(id) + ", which nobody opened");
      }
    }
    return x;
  }

  private boolean onItem(FrameParser f) throws ViolationException {
    Exchange x = find(f);
    if (x == null || x.end != null || (!x.mine && x.outDone)) {
      return false;
    }
    if (x.inDone || (!x.mine && x.part == null && x.kind != Kind.CHANNEL)) {
      throw new ViolationException("ITEM after the last one of " + x);
    }
    if (!f.present() && !f.last()) {
      return acceptedByPeer(x);
    }
    if (f.present()) {
      if (x.part == null && !x.kind.oneShot() && x.itemsReceived >= x.itemsGranted) {
        throw new ViolationException(x + " sent more than the " + x.itemsGranted + " items asked");
      }
      if (!offered(f.encoding())) {
        throw new ViolationException("payload encoding " + f.encoding() + " was not offered");
      }
      boolean whole = core.in.accept(x, f);
      if (!x.kind.oneShot()) {
        core.living.clearDeadline(x);
      }
      if (!whole) {
        return f.payloadLength() > 0;
      }
      if (!x.mine && !x.announced) {
        announce(x);
        return true;
      }
      if (x.mine && x.kind.oneShot() && !f.last()) {
        throw new ViolationException(x + " was answered by more than one message");
      }
    }
    if (f.last()) {
      x.inDone = true;
      if (x.mine) {
        core.out.drop(x);
        core.end(x, new End(End.Cause.COMPLETED, StatusCode.OK, "", Map.of(), Delivered.YES), true);
        return true;
      }
    }
    core.ready(x);
    return true;
  }

  private boolean acceptedByPeer(Exchange x) throws ViolationException {
    if (x.kind != Kind.SUBSCRIBE || !x.mine) {
      throw new ViolationException("ITEM of " + x + " holds no message and ends nothing");
    }
    boolean first = !x.accepted;
    x.accepted = true;
    core.living.clearDeadline(x);
    core.ready(x);
    return first;
  }

  private boolean onError(FrameParser f) throws ViolationException {
    Exchange x = find(f);
    if (x == null || x.end != null) {
      return false;
    }
    if (!x.mine) {
      throw new ViolationException("ERROR from the opener of " + x);
    }
    x.inDone = true;
    core.out.drop(x);
    StatusCode code = StatusCode.of(f.code());
    core.end(
        x,
        new End(
            End.Cause.FAILED,
            code == StatusCode.OK ? StatusCode.UNKNOWN : code,
            f.message(),
            f.details(),
            f.notDelivered() ? Delivered.NO : Delivered.YES),
        true);
    return true;
  }

  private boolean onCancel(FrameParser f) throws ViolationException {
    Exchange x = find(f);
    if (x == null || x.end != null) {
      return false;
    }
    if (x.mine) {
      throw new ViolationException("CANCEL from the responder of " + x);
    }
    x.inDone = true;
    core.out.drop(x);
    boolean expired = f.code() == StatusCode.DEADLINE_EXCEEDED.number();
    core.end(
        x,
        new End(
            expired ? End.Cause.EXPIRED : End.Cause.CANCELLED,
            expired ? StatusCode.DEADLINE_EXCEEDED : StatusCode.CANCELLED,
            expired ? "the caller's deadline passed" : "the caller cancelled",
            Map.of(),
            Delivered.YES),
        false);
    return true;
  }

  private boolean onCredit(FrameParser f) throws ViolationException {
    Exchange x = find(f);
    if (x == null || x.end != null) {
      return false;
    }
    boolean absolute = core.has(Rule.ABSOLUTE_CREDIT);
    boolean more =
        core.out.raise(
            x,
            f.bytes() + (absolute ? 0 : x.bytesAllowed),
            f.items() + (absolute ? 0 : x.itemsAllowed));
    boolean stops = f.stopSending() && x.mine && x.kind == Kind.CHANNEL && !x.outStopped;
    x.outStopped |= stops;
    if (more || stops) {
      core.ready(x);
    }
    return more || stops;
  }

  private boolean onAck(long acked, long moreCalls, long moreStreams, long now)
      throws ViolationException {
    if (acked >= core.out.ring.nextSeq()) {
      throw new ViolationException(
          "ACK of " + acked + ", and the highest sent is " + (core.out.ring.nextSeq() - 1));
    }
    boolean news = acked > core.out.ring.acked();
    core.out.acknowledged(acked, now);
    return core.out.raiseOpens(moreCalls, moreStreams) || news;
  }

  private void onPing(FrameParser f, long now) {
    if (f.sent() > core.ack.cum()) {
      core.breakPath(
          "PING says that " + f.sent() + " was sent, and " + core.ack.cum() + " came", now);
      return;
    }
    core.ack.ping(f.token());
  }
}
