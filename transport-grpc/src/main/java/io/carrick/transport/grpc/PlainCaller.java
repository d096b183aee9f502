package io.carrick.transport.grpc;

import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Principal;
import io.carrick.spi.Caller;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.CallTerm;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.wire.v1.Call;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a plain call, and how: its principal, its deadline and its metadata.
 *
 * @param calls those of its connection
 * @param principal as its token names it, or else as verified by its connection
 * @param expires when its token does; null for never
 * @param headers what its metadata stands for
 */
record PlainCaller(
    Calls calls, Principal principal, @Nullable Instant expires, List<Headers.Entry> headers) {

  /** What a request, a send or a publish may last that names no deadline. */
  static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

  private static final Attributes.Key<Calls> CALLS = Attributes.Key.create("carrick-calls");

  /** Gives each connection calls of its own. */
  static ServerTransportFilter connections(Calls calls, PlainIntake intake) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return intake.ofConnection(attributes.toBuilder().set(CALLS, calls.ofPeer()).build());
      }
    };
  }

  /** Who makes a call that has just begun; fails if the node refuses it. */
  static CompletableFuture<Caller> admitted(ServerCall<?, ?> call, Metadata metadata) {
    Attributes attributes = call.getAttributes();
    try {
      return callsOf(attributes)
          .caller(CallSocket.client(attributes), PlainHeaders.bearer(metadata))
          .toCompletableFuture();
    } catch (MessagingException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Calls callsOf(Attributes attributes) {
    return Objects.requireNonNull(attributes.get(CALLS), "calls of the connection");
  }

  /**
   * The caller of an admitted call, on its thread.
   *
   * @throws io.carrick.MessagingException if its metadata are no headers, or the node refuses it
   */
  static PlainCaller of(ServerCall<?, ?> call, Metadata metadata) {
    Caller caller = Objects.requireNonNull(Admission.CALLER.get(), "the caller of the call");
    Calls calls = callsOf(call.getAttributes());
    Instant expires = caller.expires();
    if (expires != null && !expires.isAfter(Instant.now())) {
      throw CallTerm.over();
    }
    try {
      return new PlainCaller(
          withDeadline(calls, call), caller.principal(), expires, PlainHeaders.of(metadata));
    } catch (IllegalArgumentException e) {
      throw EdgeFailure.malformed(e);
    }
  }

  private static Calls withDeadline(Calls calls, ServerCall<?, ?> call) {
    Deadline deadline = Context.current().getDeadline();
    if (deadline != null) {
      long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
      return calls.within(Duration.ofNanos(Math.max(1, left)));
    }
    return call.getMethodDescriptor().getType().serverSendsOneMessage()
        ? calls.within(DEFAULT_DEADLINE)
        : calls;
  }

  /**
   * The first message of a call.
   *
   * @throws io.carrick.MessagingException if it is no message
   */
  Message message(Call call) {
    try {
      return PlainMessages.of(call, headers, "");
    } catch (IllegalArgumentException e) {
      throw EdgeFailure.malformed(e);
    }
  }
}
