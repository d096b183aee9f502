package io.carrick.core.session.state;

import io.carrick.Headers;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.Kind;
import io.carrick.core.queue.Fifo;
import org.jspecify.annotations.Nullable;

/**
 * One request, send, publish, stream, channel or subscription. Its state belongs to the session's
 * serial section; elsewhere only its final fields, {@link #incoming}, {@link #openedByPeer} and
 * {@link #end()} may be read.
 */
public final class Exchange {

  public final boolean mine;
  public final Kind kind;
  public final Priority priority;

  /** What every connection must give that carries it. */
  SecurityLevel security = SecurityLevel.NONE;

  private final @Nullable CallHead incoming;

  /** 0 until the OPEN has a seq. */
  public long id;

  public @Nullable ExchangeOwner owner;
  public volatile @Nullable End end;

  // The list of all living exchanges of the session.
  @Nullable Exchange previous;
  @Nullable Exchange next;

  // The chain of exchanges whose owners must be called.
  public boolean readyQueued;
  public @Nullable Exchange nextReady;

  /** The queues that it stands in, by {@link ExchangeQueue}. */
  int queues;

  // Outbound.
  private final Fifo<OutMessage> outQueue = new Fifo<>(2);
  int outBytes;
  boolean creditOwed;
  boolean cancelQueued;
  int cancelCode;
  boolean outDone;
  boolean givenUp;
  boolean waiting;
  int waitingBytes;
  long bytesSent;
  public long bytesAllowed;
  long itemsSent;
  long itemsQueued;
  public long itemsAllowed;
  long itemsPermitted;

  /** The peer takes no more items. */
  boolean outStopped;

  // Inbound.
  private @Nullable Fifo<InboundMessage> inbox;
  private @Nullable InboundMessage first;
  long bytesReceived;
  long bytesTaken;
  long bytesGranted;
  int byteWindow;
  long itemsDemanded;
  public long itemsGranted;
  long itemsReceived;
  long itemsTaken;
  public boolean inDone;

  /** This side takes no more items. */
  boolean inStopped;

  boolean announced;
  public boolean accepted;
  String contentType = "";

  // Reassembly of one long message.
  byte @Nullable [] part;
  int partFilled;
  int partLength;
  int partReserved;
  String partTopic = "";
  Headers partHeaders = Headers.EMPTY;
  String partEncoding = "";
  long partMissed;

  /** 0 where there is none (any more); nanoseconds of the session's clock. */
  long deadline;

  Exchange(boolean mine, Kind kind, Priority priority, @Nullable CallHead incoming) {
    this.mine = mine;
    this.kind = kind;
    this.priority = priority;
    this.incoming = incoming;
  }

  /** What the peer opened; only for an exchange that the peer opened. */
  public CallHead incoming() {
    if (incoming == null) {
      throw new IllegalStateException("this side opened the exchange");
    }
    return incoming;
  }

  /** Whether the peer opened it. */
  public boolean openedByPeer() {
    return !mine;
  }

  /** Whether this side, which closes, ended what the peer had opened and nobody had answered. */
  public boolean isGivenUp() {
    return givenUp;
  }

  /** How it ended; null while it lives. Messages that came before the end may still be polled. */
  public @Nullable End end() {
    return end;
  }

  void enqueue(OutMessage message) {
    outQueue.add(message);
    outBytes += message.payload.length;
  }

  @Nullable OutMessage firstOut() {
    return outQueue.peek();
  }

  void removeFirstOut() {
    OutMessage message = outQueue.poll();
    if (message != null) {
      outBytes -= message.payload.length;
    }
  }

  void clearOut() {
    outQueue.clear();
    outBytes = 0;
  }

  void addInbox(InboundMessage message) {
    if (first == null && inbox == null) {
      first = message;
      return;
    }
    if (inbox == null) {
      inbox = new Fifo<>();
    }
    inbox.add(message);
  }

  @Nullable InboundMessage pollInbox() {
    InboundMessage message = first;
    if (message != null) {
      first = null;
      return message;
    }
    return inbox == null ? null : inbox.poll();
  }

  public boolean inboxEmpty() {
    return first == null && (inbox == null || inbox.isEmpty());
  }

  /** Lets go of all that it keeps, where there is no memory to tell of its end. */
  void relieve() {
    clearOut();
    first = null;
    inbox = null;
    part = null;
    ExchangeOwner told = owner;
    if (told != null) {
      told.relieve();
    }
  }

  @Override
  public String toString() {
    return kind + " " + (id == 0 ? "(waiting)" : Long.toString(id));
  }
}
