package io.carrick.integration;

import static io.carrick.integration.ThrowingCallbacks.ANSWERED;
import static io.carrick.integration.ThrowingCallbacks.ASKED;
import static io.carrick.integration.ThrowingCallbacks.hit;
import static io.carrick.integration.ThrowingCallbacks.hits;
import static io.carrick.integration.ThrowingCallbacks.isArmed;
import static io.carrick.integration.ThrowingCallbacks.two;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.MessagingException;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.Subscriber;
import io.carrick.integration.ThrowingCallbacks.Answered;
import io.carrick.integration.ThrowingCallbacks.Asked;
import io.carrick.integration.ThrowingCallbacks.Reader;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@link ThrowingCallbacksTest} does, for ends, gaps, cancels and values with setters. */
@OverEachTransport
@Timeout(120)
final class ThrowingReadersTest extends Semantics {

  private static final int MANY = 100;
  private static final String LARGE = "x".repeat(60_000);

  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

  ThrowingReadersTest(TestTransport transport) {
    super(transport);
  }

  /** Asked as JSON by its setter. */
  static final class Bean {

    private String id = "";

    public String getId() {
      hit("getter of a bean");
      return id;
    }

    public void setId(String value) {
      hit("setter of a bean");
      id = value;
    }
  }

  private void serve() {
    remote =
        remote.with(
            CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(ThrowingCells.IN_TIME_SECONDS)));
    server.handle("bean", Bean.class, bean -> ANSWERED);
    server.handleStream(
        "stream", Asked.class, (asked, call) -> two("answer's", ANSWERED, () -> {}));
    server.handleStream("failing", Asked.class, (asked, call) -> failing());
    server.handleChannel(
        "cut",
        Asked.class,
        (values, call) -> {
          values.subscribe(new Reader<>("values'", Flow.Subscription::cancel));
          return two("output's", ANSWERED, () -> {});
        });
  }

  private static Flow.Publisher<Answered> failing() {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                subscriber.onError(new IllegalArgumentException("by the handler"));
              }

              @Override
              public void cancel() {}
            });
  }

  /** Reads until the end, whatever that is, and done when the reader was told of it. */
  private CompletableFuture<?> readToItsEnd(String topic) {
    Reader<Answered> reader = new Reader<>("reader's");
    remote.stream(topic, ASKED, Answered.class).subscribe(reader);
    if (isArmed()) {
      Await.until("the reader is told", () -> hits() > 0);
      return CompletableFuture.completedFuture(null);
    }
    return reader.end.handle((end, failure) -> failure);
  }

  /** The handler reads one value and cancels; the answers come in any case. */
  private CompletableFuture<?> cutValues() throws Exception {
    told.clear();
    Reader<Answered> reader = new Reader<>("answers'");
    remote
        .channel("cut", two("value's", ASKED, () -> told.add("cancelled")), Answered.class)
        .subscribe(reader);
    assertThat(told.poll(ThrowingCells.IN_TIME_SECONDS, SECONDS)).isEqualTo("cancelled");
    return reader.end.handle((end, failure) -> failure);
  }

  private CompletableFuture<?> bean() {
    return remote.request("bean", new Bean(), Answered.class);
  }

  /** Takes nothing until so much was published that some is dropped, and then the last one. */
  private CompletableFuture<?> missSome() throws Exception {
    CountDownLatch published = new CountDownLatch(1);
    CompletableFuture<Void> last = new CompletableFuture<>();
    Subscriber<String> slow =
        new Subscriber.Simple<>() {
          @Override
          public void onMessage(String text) throws Exception {
            assertThat(published.await(ThrowingCells.IN_TIME_SECONDS, SECONDS)).isTrue();
            if (text.equals("last")) {
              last.complete(null);
            }
          }

          @Override
          public void onGap(long missed) {
            hit("onGap");
          }
        };
    try (Registration subscribed =
        remote
            .subscribe("large", String.class, OverflowPolicy.DROP_OLDEST, slow)
            .get(ThrowingCells.IN_TIME_SECONDS, SECONDS)) {
      for (int i = 0; i < MANY; i++) {
        server.publish("large", LARGE).get(ThrowingCells.IN_TIME_SECONDS, SECONDS);
      }
      server.publish("large", "last").get(ThrowingCells.IN_TIME_SECONDS, SECONDS);
      published.countDown();
      last.get(ThrowingCells.IN_TIME_SECONDS, SECONDS);
      return last;
    }
  }

  /** A subscription of a remote that is closed, while another one goes on. */
  private CompletableFuture<?> endIt() throws Exception {
    told.clear();
    Remote another = client.connect(endpoint);
    Subscriber<Asked> subscriber =
        new Subscriber.Simple<>() {
          @Override
          public void onMessage(Asked value) {}

          @Override
          public void onEnd(MessagingException reason) {
            try {
              hit("onEnd");
            } finally {
              told.add("ended");
            }
          }
        };
    another.subscribe("news", Asked.class, subscriber).get(ThrowingCells.IN_TIME_SECONDS, SECONDS);
    another.close();
    assertThat(told.poll(ThrowingCells.IN_TIME_SECONDS, SECONDS)).isEqualTo("ended");
    return bean();
  }

  @Test
  void whatTheyBelongToEnds() throws Exception {
    serve();
    ThrowingCells.run(
        Map.of("setter of a bean", this::bean, "getter of a bean", this::bean),
        Map.of(
            "reader's onComplete", () -> readToItsEnd("stream"),
            "reader's onError", () -> readToItsEnd("failing"),
            "value's cancel", this::cutValues,
            "onGap", this::missSome,
            "onEnd", this::endIt));
  }
}
