package io.carrick.transport.grpc;

import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.OverloadedException;
import io.carrick.StatusCode;
import io.carrick.netty.Door;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.transport.support.edge.UnreadStreams;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the plain calls of a listener, and bounds what all of them hold of messages that came in,
 * whole or in part: {@value #CONNECTION_BYTES} bytes or the largest message for each connection,
 * and for all of them an eighth of the heap, at least 64 MiB. The call that passes a bound is
 * refused. Safe for use by any thread.
 */
final class PlainIntake extends ServerStreamTracer.Factory {

  static final long CONNECTION_BYTES = 32L << 20;

  private static final long LEAST_BYTES = 64L << 20;
  private static final int PART_OF_HEAP = 8;
  private static final Context.Key<Held> HELD = Context.key("carrick-held");
  private static final Attributes.Key<AtomicLong> CONNECTION =
      Attributes.Key.create("carrick-held-by-connection");

  private static final Attributes.Key<UnreadStreams> UNREAD =
      Attributes.Key.create("carrick-unread");

  private static final Set<String> ENDING =
      Stream.of(
              PlainMethods.REQUEST,
              PlainMethods.SEND,
              PlainMethods.PUBLISH,
              PlainMethods.STREAM,
              PlainMethods.CHANNEL)
          .map(MethodDescriptor::getFullMethodName)
          .collect(Collectors.toUnmodifiableSet());

  private final long limit = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  private final int maxMessageBytes;
  private final long connectionLimit;
  private final AtomicLong all = new AtomicLong();
  private final AtomicInteger ending = new AtomicInteger();
  private final Set<Held> open = ConcurrentHashMap.newKeySet();
  private final UnreadStreams unread = new UnreadStreams();

  /** A call that can be refused while it comes in. */
  interface Refusable {
    void refuse(MessagingException reason);
  }

  /** An intake of messages up to this size. */
  PlainIntake(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
    this.connectionLimit =
        Math.max(CONNECTION_BYTES, (long) maxMessageBytes + Limits.AROUND_MESSAGE_BYTES);
  }

  /** Marks a new connection. */
  Attributes ofConnection(Attributes attributes) {
    return attributes.toBuilder().set(CONNECTION, new AtomicLong()).set(UNREAD, unread).build();
  }

  /** The streams of the listener of a call that are not read. */
  static UnreadStreams unread(Attributes attributes) {
    return Objects.requireNonNull(attributes.get(UNREAD), "the connection");
  }

  /** The part of the call that begins on this thread. */
  static Held begin(Attributes attributes, Refusable call) {
    Held held = Objects.requireNonNull(HELD.get(), "the tracer of the call");
    held.begin(
        Objects.requireNonNull(attributes.get(CONNECTION), "the connection"),
        attributes.get(CallSocket.KEY),
        call);
    return held;
  }

  /** Ends all calls that are open; completes when their callers were told. */
  CompletableFuture<Void> end(MessagingException reason) {
    return CompletableFuture.allOf(
        open.stream().map(held -> held.end(reason)).toArray(CompletableFuture[]::new));
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return method.equals(SessionMethod.DESCRIPTOR.getFullMethodName())
        ? new MessagePace(Limits.SESSION_MESSAGE_BYTES)
        : new Held(ENDING.contains(method));
  }

  /** How many calls are open that end by themselves. */
  int openCalls() {
    return ending.get();
  }

  /** What one call holds. */
  final class Held extends MessagePace {

    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable AtomicLong connection;
    private volatile @Nullable Refusable call;
    private volatile @Nullable Channel channel;

    private final boolean counted;

    private Held(boolean counted) {
      super((long) maxMessageBytes + Limits.AROUND_MESSAGE_BYTES);
      this.counted = counted;
      if (counted) {
        ending.incrementAndGet();
      }
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(HELD, this);
    }

    private void begin(AtomicLong ofConnection, @Nullable Channel over, Refusable begun) {
      connection = ofConnection;
      channel = over;
      call = begun;
      open.add(this);
    }

    /** On the loop of the connection, as all that happens to a call. */
    private CompletableFuture<Void> end(MessagingException reason) {
      CompletableFuture<Void> told = new CompletableFuture<>();
      Refusable ended = call;
      Channel over = channel;
      if (ended == null || over == null) {
        told.complete(null);
        return told;
      }
      EventLoop loop = over.eventLoop();
      loop.execute(
          () -> {
            ended.refuse(reason);
            // What gRPC writes for it was given to the loop before this.
            loop.execute(() -> told.complete(null));
          });
      return told;
    }

    @Override
    public void inboundWireSize(long more) {
      super.inboundWireSize(more);
      AtomicLong beside = connection;
      Refusable open = call;
      if (beside == null || open == null) {
        return;
      }
      bytes.addAndGet(more);
      long ofConnection = beside.addAndGet(more);
      long ofAll = all.addAndGet(more);
      if (ofConnection > connectionLimit) {
        refuse(open, "this connection", connectionLimit);
      } else if (ofAll > limit) {
        refuse(open, "this listener", limit);
      }
    }

    @Override
    void tooLarge(Door of) {
      Refusable open = call;
      if (open == null) {
        super.tooLarge(of);
        return;
      }
      call = null;
      open.refuse(tooLarge());
    }

    /** Refuses a payload that is too large, though what came around it had the room for it. */
    void requireSize(int payload) {
      if (payload > maxMessageBytes) {
        throw tooLarge();
      }
    }

    private OverloadedException tooLarge() {
      return OverloadedException.tooLarge(
          Delivered.NO,
          "a message of this call has more than the "
              + maxMessageBytes
              + " bytes that the service takes: raise its maxMessageBytes, or send smaller ones");
    }

    private void refuse(Refusable open, String whose, long most) {
      call = null;
      open.refuse(
          EdgeFailure.refusal(
              StatusCode.RESOURCE_EXHAUSTED,
              "the open calls of "
                  + whose
                  + " sent more than the "
                  + most
                  + " bytes that they may hold together: make fewer at a time"));
    }

    /** What came in is handed over. */
    void release() {
      long released = bytes.getAndSet(0);
      AtomicLong beside = connection;
      if (beside != null) {
        beside.addAndGet(-released);
        all.addAndGet(-released);
      }
    }

    @Override
    public void streamClosed(Status status) {
      super.streamClosed(status);
      if (counted) {
        ending.decrementAndGet();
      }
      open.remove(this);
      release();
    }
  }
}
