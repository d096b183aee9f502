package io.carrick.integration;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client of samples/browser, under Node, against a node of Java. */
@Timeout(120)
final class BrowserClientTest {

  private static final Path DIRECTORY = Path.of("../samples/browser").toAbsolutePath().normalize();

  private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> closing = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing) {
      each.close();
    }
  }

  private Messenger serve(Messenger.Builder builder) {
    Messenger node = builder.build();
    closing.add(node);
    node.handle("upper", String.class, text -> text.toUpperCase(Locale.ROOT));
    node.handle(
        "echo",
        Message.class,
        (message, call) -> Message.of(message.contentType(), message.toByteArray()));
    node.handle("length", String.class, text -> text.length());
    node.handleSend("log", String.class, sent::add);
    node.handleStream("count", String.class, text -> new Numbers(Integer.parseInt(text)));
    node.handleChannel("double", String.class, values -> new Doubled(values, Long.MAX_VALUE));
    node.handleChannel("few", String.class, values -> new Doubled(values, 1));
    node.handleAsync("wait", String.class, text -> new CompletableFuture<String>());
    node.handle(
        "fail",
        String.class,
        text -> {
          throw new CallException(
              StatusCode.FAILED_PRECONDITION, "sold out", Map.of("sku", "A-17"));
        });
    return node;
  }

  private Messenger serve() {
    return serve(Messenger.builder("shop").listen("http://127.0.0.1:0"));
  }

  private Program start(Messenger node, String... arguments) {
    Prerequisite.BROWSER.check(
        Files.exists(DIRECTORY.resolve("target/driver.js")), "run samples/setup");
    List<String> line =
        new ArrayList<>(
            List.of(
                "node",
                "--no-warnings",
                "--experimental-websocket", // Before Node 22; without effect from then on.
                "target/driver.js",
                node.endpoints().get(0).replaceFirst("^http", "ws") + "/v1/socket"));
    line.addAll(List.of(arguments));
    Program program = Program.start(DIRECTORY, line);
    closing.add(0, program);
    return program;
  }

  private List<String> run(Messenger node, String... arguments) {
    Program.Result result = start(node, arguments).end();
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).as("%s", result.out()).isZero();
    return result.out();
  }

  /**
   * Each value twice.
   *
   * @param most values that it asks for
   */
  private record Doubled(Flow.Publisher<String> values, long most)
      implements Flow.Publisher<String> {

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      values.subscribe(
          new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
              subscriber.onSubscribe(
                  new Flow.Subscription() {
                    private long left = most;

                    @Override
                    public synchronized void request(long n) {
                      long more = Math.min(n, left);
                      left -= more;
                      if (more > 0) {
                        subscription.request(more);
                      }
                    }

                    @Override
                    public void cancel() {
                      subscription.cancel();
                    }
                  });
            }

            @Override
            public void onNext(String value) {
              subscriber.onNext(value + value);
            }

            @Override
            public void onError(Throwable failure) {
              subscriber.onError(failure);
            }

            @Override
            public void onComplete() {
              subscriber.onComplete();
            }
          });
    }
  }

  @Test
  void eachPatternIsCalled() throws Exception {
    List<String> numbers = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      numbers.add(String.valueOf(i));
    }

    assertThat(run(serve(), "calls"))
        .containsExactly(
            "state open",
            "request GRÜN text/plain",
            "json 2",
            "bytes 0,255",
            "subscribed news/sea ahoy",
            "stream " + String.join(",", numbers),
            "channel aa,bb,cc",
            "empty channel 0",
            "state broken",
            "done");
    assertThat(sent.poll(20, SECONDS)).isEqualTo("one way");
  }

  @Test
  void failuresSayWhetherToTryAgain() {
    assertThat(run(serve(), "failures"))
        .containsExactly(
            "state open",
            "failed failed_precondition yes unsafe {\"sku\":\"A-17\"}",
            "failed unimplemented no unsafe {}",
            "late deadline_exceeded",
            "failed unimplemented no unsafe {}",
            "failed cancelled maybe unsafe {}",
            "left 1,2",
            "state broken",
            "done");
  }

  @Test
  void aLoopThatWaitsStopsThePublisher() throws Exception {
    Messenger node = serve();
    Numbers flood = new Numbers(Integer.MAX_VALUE);
    CompletableFuture<String> go = new CompletableFuture<>();
    node.handleStream("flood", String.class, text -> flood);
    CompletableFuture<Void> waits = new CompletableFuture<>();
    node.handleAsync(
        "go",
        String.class,
        text -> {
          waits.complete(null);
          return go;
        });

    Program page = start(node, "slow");
    waits.get(60, SECONDS);
    long asked = flood.asked.get();
    go.complete("");

    assertThat(page.end().out()).contains("item 1", "rest 2,3,4,5,6,7,8,9,10", "done");
    assertThat(asked).isBetween(1L, 7L); // A window of 4, and one taken.
    flood.cancelled.get(60, SECONDS);
  }

  @Test
  void valuesAreTakenAsTheyAreGranted() {
    List<String> out = run(serve(), "values");

    assertThat(out).contains("few 11");
    assertThat(out.get(2)).isIn("values 1", "values 2"); // One is made before it is granted.
  }

  @Test
  void theSocketHoldsLittleThatHasNotLeft() {
    assertThat(run(serve(), "buffered")).contains("buffered bounded");
  }

  @Test
  void aSubscriptionOutlivesTheServiceAndTellsTheGap() throws Exception {
    Messenger first = serve();
    String endpoint = first.endpoints().get(0);
    Program page = start(first, "gap");
    page.await("accepted");
    first.publish("news/a", "before").get(20, SECONDS);
    page.await("message before");

    first.close();
    page.await("state broken");
    Messenger second = serve(Messenger.builder("shop").listen(endpoint));
    page.await("gap");
    second.publish("news/a", "last").get(20, SECONDS);

    assertThat(page.end().out())
        .containsSubsequence(
            "message before", "state broken", "state open", "gap", "message last", "done")
        .contains("failed unavailable maybe unsafe {}");
  }

  @Test
  void aTokenIsShownAndARejectionIsToldToEachCall() throws Exception {
    try (TokenNodes nodes = new TokenNodes()) {
      Messenger orders =
          nodes.serve(
              Messenger.builder("orders")
                  .listen("http://127.0.0.1:0")
                  .tokens(nodes.verifier)
                  .tokensInClear());

      assertThat(run(orders, "token", TokenNodes.token("alice", Duration.ofMinutes(5))))
          .contains("whoami token:alice Headers[]");
      assertThat(run(orders, "token", "forged")).contains("failed unauthenticated no unsafe {}");
      assertThat(run(orders, "token")).contains("failed unauthenticated no unsafe {}");
    }
  }
}
