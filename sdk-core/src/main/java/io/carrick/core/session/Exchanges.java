package io.carrick.core.session;

import io.carrick.CallCancelledException;
import io.carrick.CallContext;
import io.carrick.ConnectException;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.NoPathException;
import io.carrick.OverloadedException;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.queue.Fifo;
import io.carrick.core.run.CarrickThreads;
import io.carrick.core.run.Contained;
import io.carrick.core.run.Failing;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.ExchangeOwner;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.OutMessage;
import io.carrick.core.session.state.Outbound;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.spi.Compression;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of a session: opens them, takes and gives their messages, ends them, and tells
 * their owners. Safe for use by any thread.
 */
public final class Exchanges {

  /** What {@link #supply} says where the peer takes no more. */
  public static final int STOPPED = Outbound.STOPPED;

  /** How many messages are polled at a time, at most; a power of two. */
  public static final int POLLED = 32;

  private static final int POLLED_BYTES = 64 << 10;

  // Steps that are done for every message.
  private static final Section.Question<Exchange, Exchange, InboundMessage> POLL =
      (core, x, same) -> core.poll(x);
  private static final Section.Step<Exchange, Fifo<InboundMessage>> POLL_SOME = Exchanges::poll;
  private static final Section.Part<Exchange, ExchangeOwner> ADOPT =
      (core, x, owner) -> {
        x.owner = owner;
        return Section.Leave.LATER;
      };

  private final Session session;
  private final SessionConfig config;
  private final SessionCore core;
  private final Section section;
  private final OpeningLimit limit;
  private final Compression.@Nullable Sender packing;
  private final Section.Question<Opening, ExchangeOwner, Exchange> opens =
      (core, opening, owner) -> opened(opening, owner);

  Exchanges(Session session) {
    this.session = session;
    this.config = session.config;
    this.core = session.core;
    this.section = session.section;
    this.limit = new OpeningLimit(session);
    Compression compression = config.compression();
    this.packing = compression == null ? null : compression.sender(session.peer().encodings());
  }

  /** In the serial section: there may be room for those who wait to open one. */
  void changed() {
    limit.changed();
  }

  /**
   * Opens an exchange. An application's thread waits while the limits of F2 are reached.
   *
   * @throws SessionLostException if the session is closing or over; nothing was sent
   * @throws NoPathException if the connection gives less security than the call needs
   * @throws OverloadedException on a thread of Carrick where it would have to wait
   * @throws DeadlineExceededException if there was no room until the deadline
   * @throws CallCancelledException if the waiting thread was interrupted; its interrupt flag is set
   * @throws ConnectException if no connection carries the session, all attempts to get one failed,
   *     and the owner does not wait for one
   */
  public Exchange open(Opening opening, ExchangeOwner owner) {
    String tooLarge = tooLarge(opening.payload());
    if (tooLarge != null) {
      throw OverloadedException.tooLarge(Delivered.NO, tooLarge);
    }
    Compression.Packed packed = pack(opening.headers(), opening.contentType(), opening.payload());
    Opening sent = packed == null ? opening : opening.packed(packed);
    Exchange x = section.ask(sent, owner, opens);
    if (x == null) {
      throw new SessionLostException(
          Delivered.NO,
          "the session with " + session.peer().service() + " failed: " + session.over(),
          null);
    }
    return x;
  }

  private @Nullable Exchange opened(Opening opening, ExchangeOwner owner) {
    limit.await(opening, owner);
    session.path.check(opening.security());
    return core.open(opening, owner, session.runtime.now());
  }

  /**
   * Reads the connection for a thread that waits for the end of an exchange, where that is worth it
   * and nobody else does: at most a millisecond.
   *
   * @return whether anything was read, so that the exchange may have ended; false to wait elsewhere
   */
  public boolean read(Exchange x) {
    return session.runtime.callersMayRead() && session.reading.read(x);
  }

  /** Gives an exchange that the peer opened to its owner. */
  public void adopt(Exchange x, ExchangeOwner owner) {
    section.part(x, owner, ADOPT);
  }

  /** The next whole message of the inbox, whose credit goes back; null where there is none. */
  public @Nullable InboundMessage poll(Exchange x) {
    return section.ask(x, x, POLL);
  }

  /** Takes the next whole messages of the inbox, a small batch at most, as {@link #poll} does. */
  public void poll(Exchange x, Fifo<InboundMessage> into) {
    section.turn(x, into, POLL_SOME);
  }

  private static void poll(SessionCore core, Exchange x, Fifo<InboundMessage> into) {
    int bytes = 0;
    for (int i = 0; i < POLLED && bytes < POLLED_BYTES; i++) {
      InboundMessage message = core.poll(x);
      if (message == null) {
        break;
      }
      bytes += message.payload().length;
      into.add(message);
    }
  }

  /** Asks for more items; n is positive. */
  public void request(Exchange x, long n) {
    section.turn(() -> core.in.demand(x, n));
  }

  /**
   * Queues a message of this side; {@code last} ends this side with it. Ignored after the end. One
   * that is too large fails an exchange that the peer opened.
   *
   * @throws OverloadedException if it is too large, for an exchange that this side opened, which
   *     goes on
   */
  public void send(
      Exchange x,
      String topic,
      Headers headers,
      String contentType,
      byte[] payload,
      long missed,
      boolean last) {
    String tooLarge = tooLarge(payload);
    if (tooLarge != null) {
      if (!x.openedByPeer()) {
        throw OverloadedException.tooLarge(Delivered.NO, tooLarge);
      }
      fail(x, StatusCode.RESOURCE_EXHAUSTED, tooLarge, Map.of(), false);
      return;
    }
    Compression.Packed packed = pack(headers, contentType, payload);
    String encoding = packed == null ? "" : packed.encoding();
    byte[] bytes = packed == null ? payload : packed.bytes();
    byte[] head = FrameWriter.itemHead(topic, headers, contentType, encoding);
    section.turn(x, OutMessage.item(head, bytes, last, missed), SessionCore::send);
  }

  /** The payload compressed; null where it goes as it is. */
  private Compression.@Nullable Packed pack(Headers headers, String contentType, byte[] payload) {
    if (packing == null
        || CarrickThreads.isReader()
        || headers.first(CallContext.ENCODING_HEADER).isPresent()) {
      return null;
    }
    try {
      return packing.pack(session.path(), contentType, payload).orElse(null);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      Contained.log(Failing.COMPRESSION, e);
      return null;
    }
  }

  /** Why a message is too large for one of the sides; null if it is not. */
  public @Nullable String tooLarge(byte[] payload) {
    int bytes = payload.length;
    if (bytes <= Math.min(config.maxMessageBytes(), session.peer().maxMessageBytes())) {
      return null;
    }
    // It may be read on either side, so nobody is "this" one.
    boolean here = bytes > config.maxMessageBytes();
    String service = here ? config.service() : session.peer().service();
    return "message of "
        + bytes
        + " bytes exceeds the "
        + (here ? config.maxMessageBytes() : session.peer().maxMessageBytes())
        + " that "
        + service
        + (here ? " sends" : " takes")
        + ": raise maxMessageBytes of "
        + service
        + ", or send a stream of smaller messages";
  }

  /** Tells the opener of a subscription that it was accepted. */
  public void accept(Exchange x) {
    section.turn(() -> core.accept(x));
  }

  /** Whether the service has accepted this subscription. */
  public boolean isAccepted(Exchange x) {
    section.lock.lock();
    try {
      return x.accepted;
    } finally {
      section.lock.unlock();
    }
  }

  /** Ends this side without a message. */
  public void finish(Exchange x) {
    section.turn(() -> core.finish(x));
  }

  /** Ends an exchange that the peer opened by a failure, after the items queued before. */
  public void fail(
      Exchange x,
      StatusCode code,
      String message,
      Map<String, String> details,
      boolean notDelivered) {
    byte[] body = FrameWriter.error(x.id, code.number(), message, details, notDelivered);
    section.turn(x, body, SessionCore::fail);
  }

  /** Gives up an exchange that this side opened. */
  public void cancel(Exchange x, StatusCode code) {
    section.turn(x, code, SessionCore::cancel);
  }

  /** Tells who opened a channel that this side takes no more of its items. */
  public void stopItems(Exchange x) {
    section.turn(() -> core.in.stop(x));
  }

  /**
   * How many more items the owner may ask of its publisher now; permission is handed out once.
   * {@link #STOPPED} for a channel of this side whose items the peer does not take any more.
   */
  public int supply(Exchange x) {
    section.lock.lock();
    try {
      return core.out.supply(x);
    } finally {
      section.lock.unlock();
    }
  }

  /** Whether the peer has said its last and all of it was polled. */
  public boolean inboundDone(Exchange x) {
    section.lock.lock();
    try {
      return (x.inDone || x.end != null) && x.inboxEmpty();
    } finally {
      section.lock.unlock();
    }
  }

  /** Calls the owner of an exchange that changed. One that throws loses the exchange, no more. */
  void tellReady(Exchange x) {
    try {
      ExchangeOwner owner = x.owner;
      if (owner != null) {
        owner.ready(x);
      } else {
        session.events.opened(session, x);
      }
    } catch (Throwable t) {
      if (t instanceof OutOfMemoryError && x.end() != null) {
        section.tellAgain(x);
      } else {
        giveUp(x, t);
      }
      Contained.log(Failing.EXCHANGE, t);
    }
  }

  /**
   * Ends an exchange since something was thrown; where that is not possible either, the session.
   * Throws nothing.
   */
  public void giveUp(Exchange x, Throwable t) {
    try {
      if (x.openedByPeer()) {
        String told = "what came in could not be handled: see the service's log";
        fail(x, StatusCode.INTERNAL, told, Map.of(), false);
      } else {
        End end =
            new End(
                End.Cause.FAILED,
                StatusCode.INTERNAL,
                "what came in could not be handled: " + t,
                Map.of(),
                Delivered.MAYBE);
        section.turn(x, end, SessionCore::giveUp);
      }
    } catch (Throwable again) {
      section.abandon(again);
      Contained.log(Failing.EXCHANGE_END, again);
    }
  }
}
