package io.carrick.integration;

import static io.carrick.integration.ThrowingCallbacks.ANSWERED;
import static io.carrick.integration.ThrowingCallbacks.ASKED;
import static io.carrick.integration.ThrowingCallbacks.hit;
import static io.carrick.integration.ThrowingCallbacks.isArmed;
import static io.carrick.integration.ThrowingCallbacks.two;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.Handler;
import io.carrick.HandlerOptions;
import io.carrick.Handlers;
import io.carrick.Messenger;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.VerifiedToken;
import io.carrick.integration.ThrowingCallbacks.Answered;
import io.carrick.integration.ThrowingCallbacks.Asked;
import io.carrick.integration.ThrowingCallbacks.Reader;
import io.carrick.integration.ThrowingCells.Doing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An exception and an {@code Error} in every callback that a user writes: what it belongs to ends
 * in time and typed, and the node answers afterwards with all places of its handlers free.
 */
@OverEachTransport
@Timeout(120)
class ThrowingCallbacksTest extends Semantics {

  private static final long IN_TIME_SECONDS = ThrowingCells.IN_TIME_SECONDS;

  private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();

  ThrowingCallbacksTest(TestTransport transport) {
    super(transport);
  }

  @AfterAll
  static void count() {
    System.out.println("callbacks that throw: " + ThrowingCells.count() + " cells");
  }

  private void serve() {
    remote = remote.with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(IN_TIME_SECONDS)));
    Handlers one = server.with(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(1));
    Handler<Asked, Answered> answers =
        (asked, call) -> {
          hit("handler of a request");
          return ANSWERED;
        };
    one.handle("request", Asked.class, answers);
    one.handleAsync(
        "later",
        Asked.class,
        (asked, call) -> {
          hit("asynchronous handler");
          return CompletableFuture.supplyAsync(
              () -> {
                hit("stage of an asynchronous handler");
                return ANSWERED;
              });
        });
    one.handleAsync("cancelled", Asked.class, (asked, call) -> untilCancelled(call));
    one.handleSend(
        "send",
        Asked.class,
        asked -> {
          reached("sent", "handler of a send");
        });
    one.subscribe(
        "news",
        Asked.class,
        asked -> {
          reached("local", "handler of a publish");
        });
    one.handleStream(
        "stream",
        Asked.class,
        (asked, call) -> {
          hit("handler of a stream");
          return two("answer's", ANSWERED, () -> received.add("cancelled"));
        });
    one.handleChannel(
        "channel",
        Asked.class,
        (values, call) -> {
          hit("handler of a channel");
          Reader<Asked> reader = new Reader<>("values'");
          values.subscribe(reader);
          return onceDone(reader.end);
        });
  }

  private void reached(String what, String name) {
    try {
      hit(name);
    } finally {
      received.add(what);
    }
  }

  private CompletableFuture<Answered> untilCancelled(Call call) {
    CompletableFuture<Answered> result = new CompletableFuture<>();
    call.onCancel(() -> result.complete(ANSWERED));
    call.onCancel(() -> reached("told", "onCancel"));
    received.add("begun");
    return result;
  }

  /** Waits until a callback was reached; what came of other calls is left out. */
  private void awaitReached(String what) throws Exception {
    String next = "";
    while (next != null && !next.equals(what)) {
      next = received.poll(IN_TIME_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(next).isEqualTo(what);
  }

  private static Flow.Publisher<Answered> onceDone(CompletableFuture<Void> done) {
    return subscriber ->
        done.whenComplete(
            (v, failure) -> two("output's", ANSWERED, () -> {}).subscribe(subscriber));
  }

  private CompletableFuture<?> request(String topic) {
    return remote.request(topic, ASKED, Answered.class);
  }

  private CompletableFuture<?> send() throws Exception {
    received.clear();
    CompletableFuture<?> sent = remote.send("send", ASKED);
    sent.get(IN_TIME_SECONDS, TimeUnit.SECONDS);
    awaitReached("sent");
    return sent;
  }

  /** Completes when the handler at the service has the message, too. */
  private CompletableFuture<?> publish() throws Exception {
    received.clear();
    CompletableFuture<?> published = remote.publish("news", ASKED);
    published.get(IN_TIME_SECONDS, TimeUnit.SECONDS);
    awaitReached("local");
    return published;
  }

  /** A subscription that takes a message. */
  private CompletableFuture<?> subscribe() throws Exception {
    return subscribed("remote");
  }

  /** A subscription beside another one, which has its message in any case. */
  private CompletableFuture<?> subscribeBeside() throws Exception {
    return subscribed("local");
  }

  private CompletableFuture<?> subscribed(String awaited) throws Exception {
    try (Registration subscribed =
        remote
            .subscribe("news", Asked.class, asked -> reached("remote", "onMessage"))
            .get(IN_TIME_SECONDS, TimeUnit.SECONDS)) {
      received.clear();
      remote.publish("news", ASKED).get(IN_TIME_SECONDS, TimeUnit.SECONDS);
      awaitReached(awaited);
      return CompletableFuture.completedFuture(null);
    }
  }

  private CompletableFuture<?> stream() {
    Reader<Answered> reader = new Reader<>("reader's");
    remote.stream("stream", ASKED, Answered.class).subscribe(reader);
    return reader.end;
  }

  /** Reads one item and cancels; done when the publisher is told. */
  private CompletableFuture<?> cancelStream() throws Exception {
    received.clear();
    Reader<Answered> reader = new Reader<>("reader's", Flow.Subscription::cancel);
    remote.stream("stream", ASKED, Answered.class).subscribe(reader);
    awaitReached("cancelled");
    return CompletableFuture.completedFuture(null);
  }

  /** A reader that throws hears nothing more; the service's publisher is told. */
  private CompletableFuture<?> throwingReader() throws Exception {
    received.clear();
    CompletableFuture<?> end = stream();
    if (!isArmed()) {
      return end;
    }
    awaitReached("cancelled");
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<?> channel() {
    Reader<Answered> reader = new Reader<>("reader's");
    remote.channel("channel", two("value's", ASKED, () -> {}), Answered.class).subscribe(reader);
    return reader.end;
  }

  private CompletableFuture<?> cancel() throws Exception {
    received.clear();
    CompletableFuture<?> call = request("cancelled");
    awaitReached("begun");
    call.cancel(false);
    awaitReached("told");
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<?> hearOfPaths() {
    CompletableFuture<Void> heard = new CompletableFuture<>();
    Remote another = client.connect(endpoint);
    another.onPathEvent(
        event -> {
          try {
            hit("onPathEvent");
          } finally {
            heard.complete(null);
          }
        });
    return another
        .connect()
        .thenCombine(heard, (a, b) -> a)
        .whenComplete((v, e) -> another.close());
  }

  private CompletableFuture<?> continueIt() {
    return request("request").thenRun(() -> hit("continuation"));
  }

  @Test
  void whatTheyBelongToEnds() throws Exception {
    restart(b -> b.authorizer(ThrowingCallbacks::authorize), b -> b);
    serve();
    Doing request = () -> request("request");
    Map<String, Doing> failing =
        Map.ofEntries(
            Map.entry("handler of a request", request),
            Map.entry("getter of what is asked", request),
            Map.entry("constructor of what is asked", request),
            Map.entry("getter of an answer", request),
            Map.entry("constructor of an answer", request),
            Map.entry("asynchronous handler", () -> request("later")),
            Map.entry("stage of an asynchronous handler", () -> request("later")),
            Map.entry("continuation", this::continueIt),
            Map.entry("handler of a stream", this::stream),
            Map.entry("answer's subscribe", this::stream),
            Map.entry("answer's request", this::stream),
            Map.entry("answer's later request", this::stream),
            Map.entry("reader's onSubscribe", this::stream),
            Map.entry("handler of a channel", this::channel),
            Map.entry("value's subscribe", this::channel),
            Map.entry("value's request", this::channel),
            Map.entry("value's later request", this::channel),
            Map.entry("values' onSubscribe", this::channel),
            Map.entry("values' onNext", this::channel),
            Map.entry("values' onComplete", this::channel),
            Map.entry("output's request", this::channel),
            Map.entry("output's later request", this::channel),
            Map.entry("authorizer of request", request),
            Map.entry("authorizer of send", this::send),
            Map.entry("authorizer of publish", this::publish),
            Map.entry("authorizer of subscribe", this::subscribe),
            Map.entry("authorizer of stream", this::stream),
            Map.entry("authorizer of channel", this::channel));
    Map<String, Doing> harmless =
        Map.of(
            "handler of a send", this::send,
            "handler of a publish", this::publish,
            "onMessage", this::subscribe,
            "authorizer of receive", this::subscribeBeside,
            "answer's cancel", this::cancelStream,
            "reader's onNext", this::throwingReader,
            "onCancel", this::cancel,
            "onPathEvent", this::hearOfPaths);
    ThrowingCells.run(failing, harmless);
  }

  @Test
  void interceptorsFailTheirCall() throws Exception {
    restart(
        b -> b.interceptHandlers(ThrowingCallbacks.interceptor("serving")),
        b -> b.interceptCalls(ThrowingCallbacks.interceptor("calling")));
    serve();
    Map<String, Doing> failing = new java.util.LinkedHashMap<>();
    for (String side : List.of("calling", "serving")) {
      for (String place : List.of(" interceptor of ", " interceptor after ")) {
        failing.put(side + place + "request", () -> request("request"));
        failing.put(side + place + "send", this::send);
        failing.put(side + place + "publish", this::publish);
      }
      failing.put(side + " interceptor of stream", this::stream);
      failing.put(side + " interceptor of subscribe", this::subscribe);
      failing.put(side + " interceptor of channel", this::channel);
    }
    failing.put("handler of a request", () -> request("request"));
    failing.put("constructor of an answer", () -> request("request"));
    failing.put("asynchronous handler", () -> request("later"));
    failing.put("answer's request", this::stream);
    failing.put("value's later request", this::channel);
    failing.put("values' onNext", this::channel);
    ThrowingCells.run(
        failing, Map.of("handler of a send", this::send, "onMessage", this::subscribe));
  }

  @Test
  void tokensThatThrowLetNobodyIn() throws Exception {
    restart(
        b ->
            b.tokens(
                    token -> {
                      hit("verifier of tokens");
                      return new VerifiedToken(token, Instant.MAX);
                    })
                .tokensInClear(),
        b -> b);
    serve();
    Doing connecting =
        () -> {
          Messenger with =
              TestTls.messenger("with")
                  .token(
                      () -> {
                        hit("source of tokens");
                        return "token";
                      })
                  .tokensInClear()
                  .build();
          Remote there =
              with.connect(endpoint)
                  .with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(IN_TIME_SECONDS)));
          return there
              .request("request", ASKED, Answered.class)
              .whenComplete((reply, failure) -> CompletableFuture.runAsync(with::close));
        };
    ThrowingCells.run(
        Map.of("verifier of tokens", connecting, "source of tokens", connecting), Map.of());
  }
}
