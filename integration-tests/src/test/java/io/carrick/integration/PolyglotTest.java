package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallException;
import io.carrick.CallOptions;
import io.carrick.DeadlineExceededException;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.integration.Program.Result;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each command of the samples in other languages, against one service in its own process. */
@ParameterizedClass
@EnumSource(Language.class)
@Timeout(120)
final class PolyglotTest {

  private static CarrickServe service;
  private static Messenger java;
  private static Remote remote;

  @Parameter Language language;

  @BeforeAll
  static void start() {
    service = new CarrickServe();
    java = Messenger.builder("java").build();
    remote = java.connect(service.endpoint());
  }

  @AfterAll
  static void stop() {
    java.close();
    service.close();
  }

  @BeforeEach
  void check() {
    language.check();
  }

  private Result run(String... arguments) {
    return runAt(service.target(), arguments);
  }

  private Result runAt(String target, String... arguments) {
    try (Program program = language.start(target, arguments)) {
      return program.end();
    }
  }

  private static Result done(String... lines) {
    return new Result(0, List.of(lines), List.of());
  }

  private static MessagingException failure(CompletableFuture<?> call) {
    return (MessagingException) Await.failure(call, Await.LONG_ENOUGH);
  }

  private static void failed(Result result, StatusCode code, String said) {
    assertThat(result.err()).hasSize(1);
    // Go writes NotFound where others write NOT_FOUND.
    assertThat(result.err().get(0).replace("_", ""))
        .startsWithIgnoringCase(code.name().replace("_", "") + ": ");
    assertThat(result.err().get(0)).contains(said);
    assertThat(result.exit()).isEqualTo(Language.EXIT + code.number());
  }

  @Test
  void itCallsAndPrintsTheReplies() {
    assertThat(run("call", "carrick/echo", "hello", "wörld")).isEqualTo(done("hello", "wörld"));
  }

  @Test
  void itReadsAStreamToItsEnd() {
    String[] numbers = IntStream.rangeClosed(1, 2_000).mapToObj(i -> "" + i).toArray(String[]::new);

    assertThat(run("stream", "carrick/count", "2000")).isEqualTo(done(numbers));
  }

  @Test
  void whatItPublishesReachesItAndJava() throws InterruptedException {
    String filter = "news/" + language + "/+";
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Await.result(remote.subscribe(filter, String.class, heard::add));
    try (Program subscriber =
        language.start(service.target(), "--count", "3", "subscribe", filter)) {
      subscriber.await("subscribed " + filter);

      assertThat(run("publish", "news/" + language + "/sea", "ahoy", "land")).isEqualTo(done());
      Await.result(remote.publish("news/" + language + "/air", "java"));

      assertThat(subscriber.end())
          .isEqualTo(
              done(
                  "subscribed " + filter,
                  "news/" + language + "/sea ahoy",
                  "news/" + language + "/sea land",
                  "news/" + language + "/air java"));
    }
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("ahoy");
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("land");
  }

  @Test
  void aTopicThatNobodyServesIsSaidSo() {
    Result call = run("call", "nobody/home", "x");
    Result stream = run("stream", "nobody/home", "x");

    failed(call, StatusCode.UNIMPLEMENTED, "nobody/home");
    assertThat(call.err().get(0)).endsWith("(delivered: no)");
    failed(stream, StatusCode.UNIMPLEMENTED, "nobody/home");
  }

  @Test
  void aFailureOfTheHandlerIsPrinted() {
    Result result = run("stream", "carrick/count", "three");

    failed(result, StatusCode.INVALID_ARGUMENT, "takes whole numbers");
    assertThat(result.err().get(0)).endsWith("(delivered: yes)");
  }

  @Test
  void aServiceThatIsNotThereIsSaidSo() throws IOException {
    String nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = "127.0.0.1:" + socket.getLocalPort();
    }

    failed(runAt(nobody, "call", "carrick/echo", "x"), StatusCode.UNAVAILABLE, "delivered");
    failed(runAt(nobody, "subscribe", "news"), StatusCode.UNAVAILABLE, "delivered");
    failed(runAt(nobody, "serve", "t"), StatusCode.UNAVAILABLE, "delivered");
  }

  @Test
  void javaCallsTheTopicThatItServes() {
    try (Program responder = language.serve(service, language.topic())) {
      String reply = Await.result(remote.request(language.topic(), "Java", String.class));
      Items<String> items = Items.asking(1);
      String words =
          IntStream.range(0, 500).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
      remote.stream(language.topic(), words, String.class).subscribe(items);
      items.awaitCount(1);
      items.request(10_000);

      assertThat(reply).isEqualTo(language + " heard Java");
      assertThat(items.complete()).containsExactly(words.split(" "));
      assertThat(responder.terminate().end())
          .isEqualTo(
              done(
                  "serving REQUEST " + language.topic(),
                  "serving STREAM " + language.topic(),
                  "REQUEST from none:",
                  "STREAM from none:"));
    }
  }

  @Test
  void itCallsTheTopicThatItServes() {
    try (Program responder = language.serve(service, language.topic())) {
      assertThat(run("call", language.topic(), "you")).isEqualTo(done(language + " heard you"));
      assertThat(run("stream", language.topic(), "a b c")).isEqualTo(done("a", "b", "c"));
      assertThat(responder.terminate().end().exit()).isZero();
    }
  }

  @Test
  void whatItCannotReadItRefusesAndGoesOn() {
    try (Program responder = language.serve(service, language.topic())) {
      Message bytes = Message.of("text/plain", new byte[] {(byte) 0xff});

      MessagingException e = failure(remote.request(language.topic(), bytes, String.class));

      assertThat(e).isInstanceOf(CallException.class).hasMessageMatching("(?i).*utf-8.*");
      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      assertThat(Await.result(remote.request(language.topic(), "x", String.class)))
          .isEqualTo(language + " heard x");
      responder.terminate().end();
    }
  }

  @Test
  void aTopicThatIsTakenIsRefused() {
    Result result = run("serve", "carrick/echo");

    assertThat(result.err()).hasSize(1);
    assertThat(result.err().get(0)).startsWith("refused: topic carrick/echo has a handler");
    assertThat(result.exit()).isEqualTo(Language.EXIT + StatusCode.ALREADY_EXISTS.number());
  }

  @Test
  void aResponderThatDoesNotAnswerCostsTheDeadline() {
    try (Program responder = language.serve(service, language.topic(), "--delay", "600")) {
      CallOptions soon = CallOptions.DEFAULT.withDeadline(Duration.ofMillis(300));

      Result own = run("--timeout", "0.5", "call", language.topic(), "x");
      MessagingException e =
          failure(remote.with(soon).request(language.topic(), "x", String.class));

      failed(own, StatusCode.DEADLINE_EXCEEDED, "delivered");
      assertThat(e).isInstanceOf(DeadlineExceededException.class);
      // Both were withdrawn, so that nothing is open any more.
      assertThat(responder.terminate().end().exit()).isZero();
    }
  }

  @Test
  void aKilledResponderFailsItsCallsAndFreesItsTopic() {
    CompletableFuture<String> call;
    Items<String> items;
    try (Program responder = language.serve(service, language.topic(), "--delay", "600")) {
      call = remote.request(language.topic(), "x", String.class);
      items = Items.of(remote.stream(language.topic(), "x", String.class));
      responder.await("REQUEST from");
      responder.await("STREAM from");

      responder.kill();
    }

    MessagingException e = failure(call);
    assertThat(e.code()).isEqualTo(StatusCode.UNAVAILABLE);
    assertThat(e.delivered()).isEqualTo(Delivered.YES);
    assertThat(e).hasMessageContaining("the program that served " + language.topic());
    assertThat(items.failure(CallException.class).code()).isEqualTo(StatusCode.UNAVAILABLE);
    language.serve(service, language.topic()).close();
  }

  @Test
  void aResponderThatIsToldToStopAnswersWhatIsOpen() {
    try (Program responder = language.serve(service, language.topic(), "--delay", "1")) {
      CompletableFuture<String> call = remote.request(language.topic(), "x", String.class);
      responder.await("REQUEST from");

      Result result = responder.terminate().end();

      assertThat(Await.result(call)).isEqualTo(language + " heard x");
      assertThat(result.exit()).isZero();
      assertThat(result.err()).isEmpty();
      assertThat(failure(remote.request(language.topic(), "x", String.class)).code())
          .isEqualTo(StatusCode.UNIMPLEMENTED);
    }
  }
}
