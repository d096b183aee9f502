package io.carrick.integration;

import static io.carrick.integration.Language.checkFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.integration.Program.Result;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the samples in other languages ask, of one service in its own process. */
@Tag("side-by-side")
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
    return language.run(service.target(), arguments);
  }

  @Test
  void itCallsAndPrintsTheReplies() {
    assertThat(run("call", "carrick/echo", "hello", "wörld"))
        .isEqualTo(Result.done("hello", "wörld"));
  }

  @Test
  void itReadsAStreamToItsEnd() {
    String[] numbers = IntStream.rangeClosed(1, 2_000).mapToObj(i -> "" + i).toArray(String[]::new);

    assertThat(run("stream", "carrick/count", "2000")).isEqualTo(Result.done(numbers));
  }

  @Test
  void aStreamEndsAtItsDeadline() {
    Result result = run("--timeout", "2", "stream", "carrick/count", "1000000000");

    checkFailure(
        new Result(result.exit(), List.of(), result.err()), StatusCode.DEADLINE_EXCEEDED, "");
    assertThat(result.out())
        .isNotEmpty()
        .isEqualTo(IntStream.rangeClosed(1, result.out().size()).mapToObj(i -> "" + i).toList());
  }

  @Test
  void whatItPublishesReachesItAndJava() throws InterruptedException {
    String filter = "news/" + language + "/+";
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Await.result(remote.subscribe(filter, String.class, heard::add));
    try (Program subscriber =
        language.start(service.target(), "--count", "3", "subscribe", filter)) {
      subscriber.await("subscribed " + filter);

      assertThat(run("publish", "news/" + language + "/sea", "ahoy", "land"))
          .isEqualTo(Result.done());
      Await.result(remote.publish("news/" + language + "/air", "java"));

      assertThat(subscriber.end())
          .isEqualTo(
              Result.done(
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

    checkFailure(call, StatusCode.UNIMPLEMENTED, "nobody/home");
    assertThat(call.err().get(0)).endsWith("(delivered: no)");
    checkFailure(stream, StatusCode.UNIMPLEMENTED, "nobody/home");
  }

  @Test
  void aFailureOfTheHandlerIsPrinted() {
    Result result = run("stream", "carrick/count", "three");

    checkFailure(result, StatusCode.INVALID_ARGUMENT, "takes whole numbers");
    assertThat(result.err().get(0)).endsWith("(delivered: yes)");
  }

  @Test
  void aServiceThatIsNotThereIsSaidSo() throws IOException {
    String nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = "127.0.0.1:" + socket.getLocalPort();
    }

    checkFailure(
        language.run(nobody, "call", "carrick/echo", "x"), StatusCode.UNAVAILABLE, "delivered");
    checkFailure(language.run(nobody, "subscribe", "news"), StatusCode.UNAVAILABLE, "delivered");
    checkFailure(language.run(nobody, "serve", "t"), StatusCode.UNAVAILABLE, "delivered");
  }
}
