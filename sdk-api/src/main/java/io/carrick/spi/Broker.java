package io.carrick.spi;

import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Requirements;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;

/**
 * The topics of a broker, where services and devices meet that need not be nodes of Carrick. The
 * messages are those of the application, with their topic, headers and content type, in the words
 * of the broker's own protocol. Nothing is dialled before the first call; what is lost is dialled
 * again while anything waits for it or is subscribed. Safe for use by any thread; never blocks.
 *
 * <p>Stages and flows fail with {@link io.carrick.MessagingException}, and what the broker cannot
 * give with {@link io.carrick.NoPathException}, which says why. They are completed on a thread of
 * the transport, where nobody may wait. Cancelling the future of a stage gives the call up.
 */
public interface Broker extends AutoCloseable {

  /**
   * How a call is made. The security that is needed, and EXACTLY_ONCE, were looked at before.
   *
   * @param needs delivery and durability, and whether the call may be made twice
   * @param timeLeft until its stage has failed with {@link io.carrick.DeadlineExceededException},
   *     which says whether it may have been delivered; positive
   * @param waitForReady whether it waits for the broker until then
   */
  record Terms(Requirements needs, Duration timeLeft, boolean waitForReady) {
    public Terms {
      Objects.requireNonNull(needs, "needs");
      Objects.requireNonNull(timeLeft, "timeLeft");
    }
  }

  /**
   * What is subscribed to.
   *
   * @param filter as {@link io.carrick.Topic#checkFilter} takes it
   * @param headers of the options, for what the protocol has beyond filters
   * @param needs with AT_LEAST_ONCE or durable, a message is acknowledged when the next one is
   *     asked for, so that nothing is lost that was not handled
   * @param overflow what happens when a queue is full of others
   * @param accepted told when the broker has taken the filter, and each time that it has done so
   *     again after messages may have been missed
   * @param missed told how many messages were dropped before the next one
   */
  record Subscription(
      String filter,
      Headers headers,
      Requirements needs,
      OverflowPolicy overflow,
      Runnable accepted,
      LongConsumer missed) {
    public Subscription {
      Objects.requireNonNull(filter, "filter");
      Objects.requireNonNull(headers, "headers");
      Objects.requireNonNull(needs, "needs");
      Objects.requireNonNull(overflow, "overflow");
      Objects.requireNonNull(accepted, "accepted");
      Objects.requireNonNull(missed, "missed");
    }
  }

  /** Whether the broker is connected now. */
  boolean isConnected();

  /** Connects, where it is not connected yet. */
  CompletionStage<Void> connect(Terms terms);

  /** Publishes to whoever has subscribed; done when the broker has it, as far as it tells. */
  CompletionStage<Void> publish(Message message, Terms terms);

  /** Publishes for one that handles it; fails where the broker says that nobody has subscribed. */
  CompletionStage<Void> send(Message message, Terms terms);

  /** Publishes a request and waits for its one reply. */
  CompletionStage<Message> request(Message message, Terms terms);

  /** The messages of a subscription, which begins with its subscriber; for one subscriber. */
  Flow.Publisher<Message> subscribe(Subscription subscription);

  /** Ends its calls and subscriptions, and the connection, in order. Idempotent. */
  @Override
  void close();
}
