package io.carrick.transport.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.DeliveryGuarantee;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes at the topics of a real Mosquitto while something changes. */
@Timeout(90)
final class TopicServicesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int MESSAGES = 1_000;
  private static final Requirements RELIABLE =
      Requirements.delivery(DeliveryGuarantee.AT_LEAST_ONCE);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private String broker(String... settings) {
    Mosquitto broker = Mosquitto.start(settings);
    open.add(0, broker);
    return "mqtt://127.0.0.1:" + broker.port();
  }

  private Messenger node(Messenger.Builder builder) {
    Messenger node = builder.build();
    open.add(0, node);
    return node;
  }

  private Remote remote(String broker) {
    return node(Messenger.builder("client")).connect(broker);
  }

  private static <T> T result(CompletableFuture<T> future) {
    assertThat(future).succeedsWithin(PATIENCE);
    return future.join();
  }

  /** Until then nobody has subscribed. */
  private static boolean succeeds(CompletableFuture<?> call) {
    return call.handle((done, failure) -> failure == null).join();
  }

  @Test
  void aReplyThatTheBrokerDoesNotTakeFailsItsRequestAndNothingElse() {
    String broker = broker("max_packet_size 2000");
    Messenger service = node(Messenger.builder("s").listen(broker));
    service.handle("large", String.class, text -> "x".repeat(5_000));
    service.handle("small", String.class, text -> "fine");
    Remote remote = remote(broker);
    Await.until(
        () -> "small is there",
        PATIENCE,
        () -> succeeds(remote.request("small", "", String.class)));
    Await.until(
        () -> "large is there",
        PATIENCE,
        () -> {
          Throwable failure = Await.failure(remote.request("large", "", String.class), PATIENCE);
          return ((MessagingException) failure).code() == StatusCode.RESOURCE_EXHAUSTED
              && failure.getMessage().contains("2000");
        });

    assertThat(result(remote.request("small", "", String.class))).isEqualTo("fine");
  }

  @Test
  void aWiderFilterThatComesLaterTakesNothingFromTheOther() {
    String broker = broker();
    Messenger node = node(Messenger.builder("s").listen(broker));
    Queue<String> got = new ConcurrentLinkedQueue<>();
    node.subscribe("b/x", String.class, got::add);
    Remote remote = remote(broker).with(RELIABLE);
    Await.until(() -> "it is there", PATIENCE, () -> succeeds(remote.publish("b/x", "first")));

    for (int i = 0; i < MESSAGES; i++) {
      result(remote.publish("b/x", "" + i));
      if (i == MESSAGES / 2) {
        node.subscribe("b/#", String.class, text -> {});
      }
    }

    Await.until(
        () -> "all have come: " + got.size(), PATIENCE, () -> got.contains("" + (MESSAGES - 1)));
    assertThat(got).hasSize(MESSAGES + 1).doesNotHaveDuplicates();
  }

  @Test
  void anotherSubscriberOfAFilterTellsTheFirstOfNoGap() {
    String broker = broker();
    Remote remote = remote(broker);
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    result(
        remote.subscribe(
            "t/+",
            String.class,
            new Subscriber<>() {
              @Override
              public void onMessage(String value, Message message) {
                heard.add(value);
              }

              @Override
              public void onGap(long count) {
                heard.add("a gap of " + count);
              }
            }));

    CompletableFuture<String> second = new CompletableFuture<>();
    result(remote.subscribe("t/+", String.class, second::complete));
    result(remote(broker).publish("t/1", "x"));

    result(second);
    Await.until(() -> "the first hears it", PATIENCE, () -> heard.contains("x"));
    assertThat(heard).containsExactly("x");
  }
}
