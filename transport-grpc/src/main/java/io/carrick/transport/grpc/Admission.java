package io.carrick.transport.grpc;

import io.carrick.MessagingException;
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
      try {
        Caller caller = PlainCaller.admitted(call, headers);
        door.admit();
        return Contexts.interceptCall(
            Context.current().withValue(CALLER, caller), call, headers, next);
      } catch (MessagingException e) {
        PlainStatus told = PlainStatus.of(e);
        call.close(told.status(), told.trailers());
        return new ServerCall.Listener<>() {};
      }
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
