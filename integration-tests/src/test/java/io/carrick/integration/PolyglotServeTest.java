package io.carrick.integration;

import static io.carrick.integration.Language.checkFailure;
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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
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

/** What the samples in other languages answer, and what their callers get when they do not. */
@Tag("side-by-side")
@ParameterizedClass
@EnumSource(Language.class)
@Timeout(120)
final class PolyglotServeTest {

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

  private static MessagingException failure(CompletableFuture<?> call) {
    return (MessagingException) Await.failure(call, Await.LONG_ENOUGH);
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
              Result.done(
                  "serving REQUEST " + language.topic(),
                  "serving STREAM " + language.topic(),
                  "REQUEST from none:",
                  "STREAM from none:"));
    }
  }

  @Test
  void aStreamThatItsCallerLeavesIsLeftByItToo() {
    try (Program responder = language.serve(service, language.topic())) {
      Items<String> items = Items.asking(1);
      remote.stream(language.topic(), "word ".repeat(500), String.class).subscribe(items);
      items.awaitCount(1);

      items.cancel();

      // It ends only when no call is open.
      assertThat(responder.terminate().end().exit()).isZero();
    }
  }

  @Test
  void itAnswersManyCallsAtATime() {
    try (Program responder = language.serve(service, language.topic(), "--delay", "1")) {
      List<CompletableFuture<String>> calls =
          IntStream.range(0, 100)
              .mapToObj(i -> remote.request(language.topic(), "" + i, String.class))
              .toList();

      assertThat(calls.stream().map(Await::result))
          .containsExactlyElementsOf(
              IntStream.range(0, 100).mapToObj(i -> language + " heard " + i).toList());
      assertThat(responder.terminate().end().exit()).isZero();
    }
  }

  @Test
  void itCallsTheTopicThatItServes() {
    try (Program responder = language.serve(service, language.topic())) {
      assertThat(run("call", language.topic(), "you"))
          .isEqualTo(Result.done(language + " heard you"));
      assertThat(run("stream", language.topic(), "a b c")).isEqualTo(Result.done("a", "b", "c"));
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

      checkFailure(own, StatusCode.DEADLINE_EXCEEDED, "delivered");
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
