package io.carrick.transport.mqtt;

import io.carrick.CallException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.StatusCode;
import io.carrick.spi.Broker;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.jspecify.annotations.Nullable;

/**
 * What one subscriber has of a filter: messages wait here until they are asked for. Those that must
 * not be lost are acknowledged when the next one is asked for; the broker is told to send no more
 * than {@link BrokerClient#RECEIVE_MAXIMUM} before that. Of others {@value #MAX_WAITING} wait, or
 * {@value #MAX_WAITING_BYTES} bytes. On the loop, but for the subscription.
 */
final class TopicFlow implements Flow.Subscription {

  private static final int MAX_WAITING = 1_024;
  private static final int MAX_WAITING_BYTES = 1 << 20;

  /** As many as have packet identifiers. */
  private static final int MAX_KEPT = 65_535;

  /** Takes what comes, on the loop, where nobody may wait. */
  interface Taker {

    void take(Message message, MqttMessage raw);

    void failed(Throwable why);
  }

  /** A message on its way to so many. */
  static final class Delivery {

    final Message message;
    final MqttMessage raw;
    private final BrokerClient from;
    private int left;

    Delivery(Message message, MqttMessage raw, BrokerClient from, int left) {
      this.message = message;
      this.raw = raw;
      this.from = from;
      this.left = left;
    }

    /** One of them has it. */
    void done() {
      left--;
      if (left <= 0) {
        from.acknowledge(raw);
      }
    }
  }

  final Broker.Subscription terms;
  private final Executor loop;
  private final Topics topics;
  private final Taker taker;

  // On the loop.
  @SuppressWarnings("JdkObsolete") // An ArrayDeque that cannot grow for want of memory loses all.
  private final Deque<Delivery> waiting = new LinkedList<>();

  private final List<Delivery> inHand = new ArrayList<>();
  private int unsure;
  private long unsureBytes;
  private long wanted;
  private long dropped;
  private boolean over;
  private @Nullable BrokerClient acceptedBy;

  TopicFlow(Executor loop, Topics topics, Broker.Subscription terms, Taker taker) {
    this.loop = loop;
    this.topics = topics;
    this.terms = terms;
    this.taker = taker;
  }

  boolean isReliable() {
    return TopicCall.isReliable(terms.needs());
  }

  boolean isOver() {
    return over;
  }

  boolean isAccepted() {
    return acceptedBy != null;
  }

  /** The broker has taken its filter, by this client. */
  void accepted(BrokerClient by) {
    if (over || acceptedBy == by) {
      return; // Asked again for another one of this filter.
    }
    boolean kept = acceptedBy != null && by.isKnown() && isReliable();
    acceptedBy = by;
    if (!kept) {
      terms.accepted().run();
    }
  }

  /** What the broker sends again need not wait here. */
  void comesAgain() {
    waiting.removeIf(
        each -> {
          boolean again = isReliable() && each.raw.getQos() > 0;
          if (again) {
            forget(each);
          }
          return again;
        });
  }

  void missed(long count) {
    if (!over) {
      terms.missed().accept(count);
    }
  }

  /** One more has come. */
  void offer(Delivery delivery) {
    if (over) {
      delivery.done();
      return;
    }
    if (waiting.size() >= MAX_KEPT) {
      delivery.done(); // Those of connections before, and each may bring as many as it may send.
      missed(1);
      return;
    }
    boolean kept = isReliable() && delivery.raw.getQos() > 0;
    if (!kept && !makeRoom(delivery)) {
      delivery.done();
      return;
    }
    unsure += kept ? 0 : 1;
    unsureBytes += kept ? 0 : delivery.message.size();
    waiting.add(delivery);
    if (!isReliable()) {
      delivery.done(); // It has its place.
    }
    emit();
  }

  /** False where it is dropped. */
  private boolean makeRoom(Delivery delivery) {
    while (unsure > 0
        && (unsure >= MAX_WAITING || unsureBytes + delivery.message.size() > MAX_WAITING_BYTES)) {
      dropped++;
      if (terms.overflow() == OverflowPolicy.FAIL) {
        fail(
            new CallException(
                StatusCode.RESOURCE_EXHAUSTED,
                Delivered.YES,
                "the subscriber of " + terms.filter() + " is too slow: its queue was full",
                Map.of("missed", Long.toString(dropped)),
                null));
        return false;
      }
      missed(1);
      if (isReliable()) {
        return false; // What was promised stands between them.
      }
      forget(waiting.remove());
    }
    return true;
  }

  private void forget(Delivery delivery) {
    if (!isReliable() || delivery.raw.getQos() == 0) {
      unsure--;
      unsureBytes -= delivery.message.size();
    }
  }

  private void emit() {
    for (Delivery next; wanted > 0 && !over && (next = waiting.poll()) != null; ) {
      wanted -= wanted == Long.MAX_VALUE ? 0 : 1;
      forget(next);
      if (isReliable() && wanted > 0) {
        next.done(); // The next one is asked for already.
      } else if (isReliable()) {
        inHand.add(next);
      }
      taker.take(next.message, next.raw);
    }
  }

  @Override
  public void request(long n) {
    loop.execute(
        () -> {
          acknowledge();
          wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
          emit();
        });
  }

  private void acknowledge() {
    List<Delivery> done = List.copyOf(inHand);
    inHand.clear();
    done.forEach(Delivery::done);
  }

  @Override
  public void cancel() {
    loop.execute(
        () -> {
          if (!over) {
            end();
            topics.remove(this);
          }
        });
  }

  void fail(Throwable why) {
    if (!over) {
      end();
      topics.remove(this);
      taker.failed(why);
    }
  }

  /** Nothing more comes of it; what the broker waits for is given back. */
  private void end() {
    over = true;
    acknowledge();
    if (isReliable()) {
      waiting.forEach(Delivery::done);
    }
    waiting.clear();
  }

  /** The same where the broker keeps what was not handled, for the next time. */
  void leave(Throwable why) {
    if (!over) {
      over = true;
      waiting.clear();
      inHand.clear();
      taker.failed(why);
    }
  }
}
