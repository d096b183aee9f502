package io.carrick.core.call;

import io.carrick.CallOptions;
import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Requirements;
import io.carrick.core.frame.Kind;
import io.carrick.core.message.CallFacts;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Encoded;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.Opening;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that this side makes, before it belongs to a session.
 *
 * @param codecs what encodes its value
 * @param kind its pattern
 * @param topic its topic or filter; valid
 * @param value what to send; null where the pattern sends nothing first
 * @param options how
 * @param headers of the value, where it is a message, and of the options
 * @param overflow subscriptions: what happens when the queue is full
 * @param accept what the caller can decode
 * @param needs what its path must give, and whether it may be sent again after a lost session
 * @param attempt which attempt of its call this is, from 1
 * @param deadline on the clock of System.nanoTime
 * @param clock of the call that interceptors around it belong to; null where there are none
 */
record OutgoingCall(
    Codecs codecs,
    Kind kind,
    String topic,
    @Nullable Object value,
    CallOptions options,
    Headers headers,
    OverflowPolicy overflow,
    List<String> accept,
    Requirements needs,
    int attempt,
    long deadline,
    @Nullable CallClock clock) {

  static OutgoingCall of(
      Codecs codecs,
      Kind kind,
      String topic,
      @Nullable Object value,
      CallOptions options,
      OverflowPolicy overflow,
      List<String> accept,
      Requirements needs) {
    Headers headers =
        value instanceof Message m
            ? Encoded.merged(m.headers(), options.headers())
            : options.headers();
    return new OutgoingCall(
        codecs,
        kind,
        topic,
        value,
        options,
        headers,
        overflow,
        accept,
        needs,
        1,
        System.nanoTime() + options.deadline().toNanos(),
        null);
  }

  /** The same call, made now; its deadline is new unless it shares that of another call. */
  OutgoingCall again() {
    CallClock shared = clock;
    if (shared != null) {
      shared.begins();
    }
    return with(
        headers,
        attempt,
        shared == null || shared.isReached()
            ? System.nanoTime() + options.deadline().toNanos()
            : deadline,
        shared);
  }

  /** The same call with these headers instead. */
  OutgoingCall withHeaders(Headers value) {
    return with(value, attempt, deadline, clock);
  }

  /** The same call with the deadline of the call that interceptors made it for. */
  OutgoingCall within(CallClock shared) {
    return with(headers, attempt, shared.deadline(), shared);
  }

  /** The same call as this attempt. */
  OutgoingCall asAttempt(int value) {
    return with(headers, value, deadline, clock);
  }

  private OutgoingCall with(
      Headers newHeaders, int newAttempt, long newDeadline, @Nullable CallClock newClock) {
    return new OutgoingCall(
        codecs,
        kind,
        topic,
        value,
        options,
        newHeaders,
        overflow,
        accept,
        needs,
        newAttempt,
        newDeadline,
        newClock);
  }

  boolean idempotent() {
    return needs.isIdempotent();
  }

  /** Encodes the value for a peer with these offers. */
  Encoded encode(List<String> offered) {
    return value == null ? Encoded.NOTHING : codecs.encode(value, options.contentType(), offered);
  }

  /** Whether what was encoded without knowing the peer does for this one. */
  boolean suits(Encoded encoded, Session session) {
    return value == null
        || value instanceof Message
        || options.contentType().isPresent()
        || Codecs.suits(encoded.contentType(), session.peer().contentTypes());
  }

  long remainingNanos() {
    return deadline - System.nanoTime();
  }

  Opening opening(Encoded encoded, long items) {
    return new Opening(
        kind,
        topic,
        CallFacts.withAttempt(headers, attempt),
        encoded.contentType(),
        encoded.payload(),
        options.priority(),
        Math.max(1, remainingNanos()),
        items,
        overflow,
        accept,
        needs.security(),
        "");
  }

  /** For errors: the pattern and the topic. */
  String what() {
    return what(kind, topic);
  }

  static String what(Kind kind, String topic) {
    return kind.toString().toLowerCase(java.util.Locale.ROOT) + " " + topic;
  }
}
