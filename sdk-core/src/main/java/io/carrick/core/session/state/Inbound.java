package io.carrick.core.session.state;

import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.spi.Compression;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a session: credit, reassembly and inboxes (F5, F6, F7). What the peer may
 * send is bounded here, and a peer that sends more breaks the session.
 */
public final class Inbound {

  private static final int FIRST_PART_BYTES = 128 << 10;

  private final SessionCore core;
  private final SessionConfig config;
  private final ExchangeQueue waitingForBudget = new ExchangeQueue(ExchangeQueue.REASSEMBLY);
  private final long reassemblyBudget;
  private long reserved;
  public long inboxBytes;

  /** What the peer said when it opened the exchanges that live. */
  long openingBytes;

  public long partBytes;

  Inbound(SessionCore core, SessionConfig config) {
    this.core = core;
    this.config = config;
    this.reassemblyBudget = 4L * config.maxMessageBytes();
  }

  /** How many long messages wait for the budget of reassembly, and have waited for it. */
  int keptParts() {
    return waitingForBudget.kept();
  }

  /** What long messages may still hold together, as it was granted. */
  public long reservedBytes() {
    return reserved;
  }

  /** A new exchange may receive this much before the first CREDIT. */
  void begin(Exchange x, long items) {
    x.bytesGranted = config.initialBytes();
    x.byteWindow = config.initialBytes();
    x.itemsDemanded = items;
    x.itemsGranted = Math.min(items, config.itemsWindow());
  }

  /** Takes the payload of an OPEN or an ITEM; true once a whole message is in the inbox. */
  boolean accept(Exchange x, FrameParser frame) throws ViolationException {
    int bytes = frame.payloadLength();
    if (x.bytesReceived + bytes > x.bytesGranted) {
      throw new ViolationException(
          x + " received " + bytes + " bytes beyond its credit of " + x.bytesGranted);
    }
    x.bytesReceived += bytes;
    if (x.part != null) {
      return append(x, frame);
    }
    if (frame.length() > config.maxMessageBytes() || bytes > config.maxMessageBytes()) {
      tooLarge(x, Math.max(frame.length(), bytes));
      return false;
    }
    if (frame.more()) {
      startPart(x, frame);
      return false;
    }
    byte[] payload = room(bytes);
    if (payload == null) {
      noMemory(x, bytes);
      return false;
    }
    frame.copyPayload(payload, 0);
    deliver(
        x,
        frame.topic(),
        frame.headers(),
        frame.contentType(),
        frame.encoding(),
        payload,
        frame.type() == FrameType.ITEM ? frame.missed() : 0);
    return true;
  }

  private void startPart(Exchange x, FrameParser frame) throws ViolationException {
    int length = (int) frame.length();
    int bytes = frame.payloadLength();
    if (length <= bytes) {
      throw new ViolationException(
          x + " declares " + length + " bytes, and its first frame of " + bytes + " is not all");
    }
    byte[] part = room(Math.min(length, Math.max(bytes, FIRST_PART_BYTES)));
    if (part == null) {
      noMemory(x, length);
      return;
    }
    frame.copyPayload(part, 0);
    x.part = part;
    partBytes += part.length;
    x.partFilled = bytes;
    x.partLength = length;
    x.partTopic = frame.topic();
    x.partHeaders = frame.headers();
    x.partEncoding = frame.encoding();
    x.partMissed = frame.type() == FrameType.ITEM ? frame.missed() : 0;
    if (!frame.contentType().isEmpty()) {
      x.contentType = frame.contentType();
    }
    if (x.bytesReceived - bytes + length > x.bytesGranted) {
      waitingForBudget.add(x);
      grantParts();
    }
  }

  private boolean append(Exchange x, FrameParser frame) throws ViolationException {
    byte[] part = x.part;
    int bytes = frame.payloadLength();
    if (part == null || (long) x.partFilled + bytes > x.partLength) {
      throw new ViolationException(x + " is longer than the " + x.partLength + " bytes declared");
    }
    if (x.partFilled + bytes > part.length) {
      int larger = Math.min(x.partLength, Math.max(part.length * 2, x.partFilled + bytes));
      byte[] grown = room(larger);
      if (grown == null) {
        noMemory(x, x.partLength);
        return false;
      }
      System.arraycopy(part, 0, grown, 0, x.partFilled);
      partBytes += larger - part.length;
      part = grown;
      x.part = part;
    }
    frame.copyPayload(part, x.partFilled);
    x.partFilled += bytes;
    if (frame.more()) {
      return false;
    }
    if (x.partFilled != x.partLength) {
      throw new ViolationException(
          x + " ended after " + x.partFilled + " of the " + x.partLength + " bytes declared");
    }
    endPart(x);
    deliver(x, x.partTopic, x.partHeaders, x.contentType, x.partEncoding, part, x.partMissed);
    return true;
  }

  private void endPart(Exchange x) {
    byte[] part = x.part;
    if (part != null) {
      partBytes -= part.length;
      x.part = null;
      reserved -= x.partReserved;
      x.partReserved = 0;
      waitingForBudget.remove(x);
      grantParts();
    }
  }

  /**
   * Grants whole messages, first come first served, while all of a message fits the budget (F7).
   */
  private void grantParts() {
    while (true) {
      Exchange x = waitingForBudget.peek();
      if (x == null
          || (reserved + x.partLength > reassemblyBudget && core.has(Rule.WHOLE_GRANTS))) {
        return;
      }
      waitingForBudget.poll();
      x.partReserved = x.partLength;
      reserved += x.partLength;
      raiseForPart(x);
    }
  }

  private void raiseForPart(Exchange x) {
    long needed = x.bytesReceived - x.partFilled + x.partLength;
    if (needed > x.bytesGranted) {
      x.bytesGranted = needed;
      core.out.credit(x);
    }
  }

  /** For a message; null where there is no memory for it, which ends its exchange and no other. */
  private static byte @Nullable [] room(int bytes) {
    try {
      return new byte[bytes];
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  private void noMemory(Exchange x, long length) {
    refuse(
        x,
        "message of "
            + length
            + " bytes, for which "
            + config.service()
            + " has no memory: send a stream of smaller messages, give it more heap, or lower"
            + " maxMessageBytes and bufferBudget there");
  }

  private void tooLarge(Exchange x, long length) {
    refuse(
        x,
        "message of "
            + length
            + " bytes exceeds the "
            + config.maxMessageBytes()
            + " that "
            + config.service()
            + " takes: raise maxMessageBytes of "
            + config.service()
            + ", or send a stream of smaller messages");
  }

  private void refuse(Exchange x, String message) {
    if (x.mine) {
      core.cancelLocally(
          x,
          StatusCode.CANCELLED,
          new End(
              End.Cause.TOO_LARGE,
              StatusCode.RESOURCE_EXHAUSTED,
              message,
              Map.of(),
              Delivered.YES));
    } else {
      core.failNow(x, StatusCode.RESOURCE_EXHAUSTED, message);
    }
  }

  private void deliver(
      Exchange x,
      String topic,
      Headers headers,
      String contentType,
      String encoding,
      byte[] payload,
      long missed) {
    if (!contentType.isEmpty()) {
      x.contentType = contentType;
    }
    x.itemsReceived++;
    InboundMessage message =
        new InboundMessage(topic, headers, x.contentType, payload, missed, unpacks(encoding));
    inboxBytes += message.heldBytes();
    x.addInbox(message);
  }

  private @Nullable UnaryOperator<byte[]> unpacks(String encoding) {
    Compression compression = config.compression();
    return compression == null || encoding.isEmpty()
        ? null
        : block -> compression.decompress(encoding, block, config.maxMessageBytes());
  }

  /** The owner took a message: its credit goes back (F6). */
  void taken(Exchange x, InboundMessage message) {
    int bytes = message.payload().length;
    inboxBytes -= message.heldBytes();
    x.bytesTaken += bytes;
    x.itemsTaken++;
    if (x.inDone || x.end != null || !core.has(Rule.CREDIT_GOES_BACK)) {
      return;
    }
    boolean owed = raiseBytes(x);
    if (!x.kind.oneShot()) {
      owed |= raiseItems(x);
    }
    if (owed) {
      core.out.credit(x);
    }
  }

  private boolean raiseBytes(Exchange x) {
    long target = x.bytesTaken + x.byteWindow;
    if (target - x.bytesGranted < x.byteWindow / 2) {
      return false;
    }
    if (core.mayGrow()) {
      x.byteWindow = Math.min(config.maxWindowBytes(), x.byteWindow * 2);
      target = x.bytesTaken + x.byteWindow;
    }
    x.bytesGranted = target;
    return true;
  }

  private boolean raiseItems(Exchange x) {
    long target = Math.min(x.itemsDemanded, saturatingAdd(x.itemsTaken, config.itemsWindow()));
    long more = target - x.itemsGranted;
    int half = config.itemsWindow() / 2;
    // A peer with less than half a window left is told at once, so that a demand of 1 works.
    if (more <= 0 || (more < half && x.itemsGranted - x.itemsReceived >= half)) {
      return false;
    }
    x.itemsGranted = target;
    return true;
  }

  public void demand(Exchange x, long items) {
    x.itemsDemanded = saturatingAdd(x.itemsDemanded, items);
    if (x.end == null && !x.inDone && raiseItems(x)) {
      core.out.credit(x);
    }
  }

  /** The owner takes no more of a channel that the peer opened (F6). */
  public void stop(Exchange x) {
    if (x.end == null && !x.inDone && !x.inStopped) {
      x.inStopped = true;
      core.out.credit(x);
    }
  }

  /** The exchange has ended here: what it holds is given back. */
  void drop(Exchange x, boolean keepInbox) {
    endPart(x);
    if (!keepInbox) {
      for (InboundMessage m = x.pollInbox(); m != null; m = x.pollInbox()) {
        inboxBytes -= m.heldBytes();
      }
    }
  }

  private static long saturatingAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
