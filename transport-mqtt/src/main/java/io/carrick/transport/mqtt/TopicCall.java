package io.carrick.transport.mqtt;

import io.carrick.DeliveryGuarantee;
import io.carrick.Message;
import io.carrick.spi.Broker.Terms;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/** One call at the topics of a broker, until it has its result. Its state is the loop's. */
final class TopicCall {

  /** What is done. */
  enum Pattern {
    CONNECT,
    PUBLISH,
    SEND,
    REQUEST
  }

  final Pattern pattern;
  final Message message;
  final Terms terms;
  final String tag;
  final CompletableFuture<Message> result = new CompletableFuture<>();
  private final long deadline;

  /** How often it was given to a client; a confirmation counts for the last time only. */
  int sends;

  /** What was given to a client the last time. */
  @Nullable MqttMessage given;

  /** Whether the broker may have it. */
  boolean sent;

  TopicCall(Pattern pattern, Message message, Terms terms) {
    this.pattern = pattern;
    this.message = message;
    this.terms = terms;
    this.tag = pattern == Pattern.REQUEST ? Knock.tag() : "";
    this.deadline = System.nanoTime() + terms.timeLeft().toNanos();
  }

  /** For errors. */
  String what() {
    return pattern.name().toLowerCase(java.util.Locale.ROOT) + " " + message.topic();
  }

  Duration timeLeft() {
    return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
  }

  boolean atLeastOnce() {
    return isReliable(terms.needs());
  }

  /** Whether what is needed takes QoS 1. */
  static boolean isReliable(io.carrick.Requirements needs) {
    return needs.isDurable() || needs.delivery().compareTo(DeliveryGuarantee.AT_LEAST_ONCE) >= 0;
  }

  /** By QoS 1 the broker says, too, whether anybody has subscribed. */
  int qos() {
    return pattern != Pattern.PUBLISH || atLeastOnce() ? 1 : 0;
  }

  /** Whether it may be published again when nobody knows whether the broker has it. */
  boolean mayRepeat() {
    return terms.needs().isIdempotent() || (pattern != Pattern.REQUEST && atLeastOnce());
  }

  /** Whether the broker keeps it for who subscribes later: no request, and nothing for one. */
  boolean isRetained() {
    return pattern == Pattern.PUBLISH && TopicMessages.isRetained(message);
  }

  /** Whether the broker may let it go with its deadline: none that is meant to be kept. */
  boolean expires() {
    return !terms.needs().isDurable() && !isRetained();
  }
}
