package io.carrick.transport.grpc;

import io.carrick.Call;
import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.Message;
import io.carrick.OverloadedException;
import io.carrick.Principal;
import io.carrick.Registration;
import io.carrick.StatusCode;
import io.carrick.spi.Calls;
import io.carrick.transport.support.edge.EdgeFailure;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Register;
import io.carrick.wire.v1.Registered;
import io.carrick.wire.v1.ToResponder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A kind of calls on a topic that a program answers. */
final class ServedTopic {

  static final int MAX_CONCURRENCY = 256;
  private static final int MAX_WAITING = 256;

  /** How long a one-way message may take that has no deadline. */
  private static final Duration LONGEST_SEND = Duration.ofSeconds(30);

  private final ResponderCall responder;
  private final Kind kind;
  private final String topic;
  private final int concurrency;
  private final AtomicInteger streams = new AtomicInteger();
  private final Object lock = new Object();

  // Guarded by lock.
  private boolean announced;
  private boolean closed;
  private @Nullable Registration registration;

  ServedTopic(ResponderCall responder, Register wanted) {
    this.responder = responder;
    this.kind = wanted.getKind();
    this.topic = wanted.getTopic();
    this.concurrency = wanted.getConcurrency() == 0 ? MAX_CONCURRENCY : wanted.getConcurrency();
  }

  /** Takes the calls as soon as the caller may; fails if they are not to be had. */
  CompletionStage<Void> register(PlainCaller caller) {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      return refused("concurrency " + concurrency + " must be 1 to " + MAX_CONCURRENCY);
    }
    HandlerOptions options =
        HandlerOptions.DEFAULT.withConcurrency(concurrency).withWaiting(MAX_WAITING);
    Calls calls = caller.calls();
    Principal principal = caller.principal();
    return switch (kind) {
      case REQUEST ->
          calls.serveRequests(principal, topic, options, this::request).thenAccept(this::begin);
      case SEND -> calls.serveSends(principal, topic, options, this::send).thenAccept(this::begin);
      case STREAM ->
          calls.serveStreams(principal, topic, options, this::stream).thenAccept(this::begin);
      default -> refused("kind " + kind + " cannot be served: register REQUEST, SEND or STREAM");
    };
  }

  private static CompletionStage<Void> refused(String why) {
    return CompletableFuture.failedFuture(EdgeFailure.refusal(StatusCode.INVALID_ARGUMENT, why));
  }

  private void begin(Registration done) {
    boolean late;
    synchronized (lock) {
      registration = done;
      late = closed;
    }
    if (late) {
      done.close();
    } else {
      announce();
    }
  }

  /** Says so to the program, before the first call. */
  private void announce() {
    synchronized (lock) {
      if (!announced) {
        announced = true;
        responder.say(
            () ->
                ToResponder.newBuilder()
                    .setRegistered(Registered.newBuilder().setKind(kind).setTopic(topic))
                    .build());
      }
    }
  }

  /** Takes no more calls. */
  void close() {
    Registration done;
    synchronized (lock) {
      closed = true;
      done = registration;
    }
    if (done != null) {
      done.close();
    }
  }

  private CompletionStage<Message> request(Message message, Call call) {
    announce();
    OpenOneShot open = responder.open(id -> new OpenOneShot(id, kind, message, call));
    call.onCancel(() -> responder.withdraw(open));
    return open.outcome;
  }

  private CompletionStage<Message> send(Message message, Call call) {
    announce();
    OpenOneShot open = responder.open(id -> new OpenOneShot(id, kind, message, call));
    // The sender has its answer: nobody else would give this place back.
    CompletableFuture<Void> deadline = new CompletableFuture<>();
    deadline
        .orTimeout(call.remaining().orElse(LONGEST_SEND).toMillis() + 1, TimeUnit.MILLISECONDS)
        .whenComplete((none, late) -> responder.withdraw(open));
    open.outcome.whenComplete((done, failure) -> deadline.complete(null));
    return open.outcome;
  }

  private Flow.Publisher<Message> stream(Message message, Call call) {
    announce();
    if (streams.incrementAndGet() > concurrency) {
      streams.decrementAndGet();
      throw new OverloadedException(
          Delivered.NO,
          "the program that serves "
              + topic
              + " has "
              + concurrency
              + " streams open: try again later, or register it with more concurrency");
    }
    try {
      OpenStream open =
          responder.open(
              id -> new OpenStream(id, message, call, responder, streams::decrementAndGet));
      call.onCancel(() -> responder.withdraw(open));
      return open.items;
    } catch (RuntimeException e) {
      streams.decrementAndGet();
      throw e;
    }
  }
}
