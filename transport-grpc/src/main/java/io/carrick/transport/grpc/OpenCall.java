package io.carrick.transport.grpc;

import io.carrick.Call;
import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Incoming;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call that a program answers. Its outcome is given once; what comes later is ignored. */
abstract class OpenCall implements Outbox.Entry {

  final long id;
  final String topic;
  private final Kind kind;
  private final Call call;
  private final int bytes;

  // Guarded by this.
  private @Nullable Message message;
  private boolean told;
  private boolean over;

  // Runs when it ends.
  private final Runnable atEnd;

  OpenCall(long id, Kind kind, Message message, Call call, Runnable atEnd) {
    this.id = id;
    this.topic = message.topic();
    this.kind = kind;
    this.message = message;
    this.call = call;
    this.bytes = message.size();
    this.atEnd = atEnd;
  }

  /** The reply, or an item; why the program may not say that, if it may not. */
  abstract @Nullable String answer(Message reply);

  /** The program has no more to say. */
  abstract void finish();

  /** The call failed. */
  abstract void fail(MessagingException failure);

  /** Whether an answer ends it. */
  abstract boolean endsByAnswer();

  /** Gives the content type that an answer has which names none. */
  String contentType() {
    return "";
  }

  /** Ends it: nothing is said to the program that it does not know yet. True the first time. */
  final boolean end() {
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      message = null;
    }
    atEnd.run();
    return true;
  }

  final synchronized boolean isOver() {
    return over;
  }

  /** Whether the program knows of it. */
  final synchronized boolean isTold() {
    return told;
  }

  @Override
  public final int bytes() {
    return bytes;
  }

  @Override
  public final synchronized @Nullable ToResponder take() {
    Message taken = message;
    message = null;
    if (over || taken == null) {
      return null;
    }
    told = true;
    return ToResponder.newBuilder().setIncoming(incoming(taken)).build();
  }

  private Incoming incoming(Message taken) {
    return Incoming.newBuilder()
        .setCall(id)
        .setKind(kind)
        .setTopic(topic)
        .addAllHeaders(PlainHeaders.of(taken.headers()))
        .setContentType(taken.contentType())
        .setPayload(PlainMessages.payload(taken))
        .setTimeoutMillis(call.remaining().map(left -> Math.max(1, left.toMillis())).orElse(0L))
        .setCaller(call.principal().toString())
        .build();
  }

  /** Why the caller gave up. */
  final StatusCode reason() {
    return call.remaining().filter(Duration.ZERO::equals).isPresent()
        ? StatusCode.DEADLINE_EXCEEDED
        : StatusCode.CANCELLED;
  }

  /** What the call ends with when its program is gone. */
  final MessagingException abandoned() {
    return new CallException(
        StatusCode.UNAVAILABLE,
        isTold() ? Delivered.MAYBE : Delivered.NO,
        "the program that served " + topic + " went away: call again when another one serves it",
        Map.of(),
        null);
  }

  /** What the call ends with when its program broke a rule. */
  final MessagingException broken(String rule) {
    return new CallException(
        StatusCode.INTERNAL,
        Delivered.YES,
        "the program that serves " + topic + " broke a rule: " + rule,
        Map.of(),
        null);
  }

  /** An answer as a message. */
  final Message message(Reply reply) {
    return PlainMessages.of(reply, contentType());
  }
}
