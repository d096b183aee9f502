package io.carrick.transport.grpc;

import io.carrick.netty.Door;
import io.carrick.netty.Loops;
import io.carrick.spi.Caller;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.netty.channel.Channel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Sees each call before anything of its body: a plain one is refused here, or its connection is
 * known from then on. On the event loop of the connection.
 */
final class Admission implements ServerInterceptor {

  private static final int ENTRY_BYTES = 32;

  /** Who makes a plain call. */
  static final Context.Key<Caller> CALLER = Context.key("carrick-caller");

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Channel channel = Objects.requireNonNull(call.getAttributes().get(CallSocket.KEY));
    Door door = Door.of(channel);
    int bytes = sizeOf(headers);
    if (bytes > Limits.METADATA_BYTES) {
      call.close(tooLarge(bytes), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (isPlain(call)) {
      return admit(call, headers, next, door, bytes);
    }
    if (door.isKnown()) {
      return next.startCall(call, headers);
    }
    if (!door.callBegins(bytes)) {
      call.close(tooMuch(bytes, door.metadataLimit()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onComplete() {
        super.onComplete();
        Loops.execute(channel.eventLoop(), () -> door.callEnds(bytes));
      }

      @Override
      public void onCancel() {
        super.onCancel();
        Loops.execute(channel.eventLoop(), () -> door.callEnds(bytes));
      }
    };
  }

  /** At once, unless its token takes time to verify; until then nothing of the call is read. */
  private static <Q, R> ServerCall.Listener<Q> admit(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next, Door door, int bytes) {
    Context context = Context.current();
    CompletableFuture<Caller> asked = PlainCaller.admitted(call, headers);
    if (asked.isDone()) {
      return begun(call, headers, next, door, context, asked);
    }
    boolean unknown = !door.isKnown();
    if (unknown && !door.callBegins(bytes)) {
      call.close(tooMuch(bytes, door.metadataLimit()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    LateListener<Q> late = new LateListener<>();
    var unused =
        asked.whenComplete(
            (caller, refused) ->
                Loops.execute(
                    door.loop(),
                    () -> {
                      if (unknown) {
                        door.callEnds(bytes);
                      }
                      if (!late.isCancelled()) {
                        late.begin(begun(call, headers, next, door, context, asked));
                      }
                    }));
    return late;
  }

  private static <Q, R> ServerCall.Listener<Q> begun(
      ServerCall<Q, R> call,
      Metadata headers,
      ServerCallHandler<Q, R> next,
      Door door,
      Context context,
      CompletableFuture<Caller> asked) {
    Caller caller;
    try {
      caller = asked.join();
    } catch (CompletionException e) {
      PlainStatus told = PlainStatus.of(e);
      call.close(told.status(), told.trailers());
      return new ServerCall.Listener<>() {};
    }
    door.admit();
    return Contexts.interceptCall(context.withValue(CALLER, caller), call, headers, next);
  }

  private static Status tooMuch(int bytes, int limit) {
    return Status.RESOURCE_EXHAUSTED.withDescription(
        "the "
            + bytes
            + " bytes of metadata of this call are too much beside the others: until the peer is"
            + " known its open calls may hold "
            + limit
            + " together; open fewer, wait for the first to begin, or raise PeerLimits.unknownBytes"
            + " of the service");
  }

  private static Status tooLarge(int bytes) {
    return Status.RESOURCE_EXHAUSTED.withDescription(
        "the metadata of this call has "
            + bytes
            + " bytes and may have "
            + Limits.METADATA_BYTES
            + ": send less of it, or put it into the message");
  }

  /** As HTTP/2 counts it (RFC 9113, section 6.5.2). */
  private static int sizeOf(Metadata headers) {
    byte[][] parts = InternalMetadata.serialize(headers);
    int size = parts.length / 2 * ENTRY_BYTES;
    for (byte[] part : parts) {
      size += part.length;
    }
    return size;
  }

  /** The others are sessions, which say HELLO, and what answers everybody. */
  private static boolean isPlain(ServerCall<?, ?> call) {
    return SessionMethod.SERVICE.equals(call.getMethodDescriptor().getServiceName())
        && !SessionMethod.DESCRIPTOR
            .getFullMethodName()
            .equals(call.getMethodDescriptor().getFullMethodName());
  }
}
