package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.integration.Program.Result;
import io.carrick.testkit.Await;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One service called by Java, Python, Node and Go at once, each of which also answers a topic. */
@Tag("side-by-side")
@Timeout(180)
final class EveryLanguageTest {

  private static final String ECHO = "carrick/echo";
  private static final int CALLS = 20;
  private static final int CALLS_OF_JAVA = 200;

  private final List<Program> programs = new ArrayList<>();

  @BeforeEach
  void check() {
    for (Language language : Language.values()) {
      language.check();
    }
  }

  @AfterEach
  void close() {
    programs.forEach(Program::close);
  }

  @Test
  void everyLanguageCallsEveryOtherAtOnceThroughOneService() {
    try (CarrickServe service = new CarrickServe();
        Messenger java = Messenger.builder("java").build()) {
      List<Program> responders = responders(service);
      Remote remote = java.connect(service.endpoint());

      Map<Program, List<String>> callers = new LinkedHashMap<>();
      for (Language language : Language.values()) {
        for (String topic : topics()) {
          callers.put(caller(service, language, topic), replies(topic, language, CALLS));
        }
      }
      Map<String, List<CompletableFuture<String>>> calls = new LinkedHashMap<>();
      for (String topic : topics()) {
        calls.put(topic, callsOfJava(remote, topic));
      }
      List<Items<String>> streams =
          Arrays.stream(Language.values())
              .map(language -> remote.stream(language.topic(), "a b c", String.class))
              .map(Items::of)
              .toList();

      calls.forEach(
          (topic, replies) ->
              assertThat(replies.stream().map(Await::result))
                  .containsExactlyElementsOf(replies(topic, "java", CALLS_OF_JAVA)));
      streams.forEach(items -> assertThat(items.complete()).containsExactly("a", "b", "c"));
      callers.forEach(
          (caller, replies) ->
              assertThat(caller.end()).isEqualTo(new Result(0, replies, List.of())));
      for (Program responder : responders) {
        assertThat(responder.terminate().end().exit()).isZero();
      }
    }
  }

  @Test
  void whenTheServiceGoesAwayEachResponderSaysSo() {
    List<Program> responders;
    try (CarrickServe service = new CarrickServe();
        Messenger java = Messenger.builder("java").build()) {
      responders = responders(service, "--delay", "600");
      Remote remote = java.connect(service.endpoint());
      for (int i = 0; i < responders.size(); i++) {
        remote.request(Language.values()[i].topic(), "x", String.class);
        responders.get(i).await("REQUEST from");
      }
    }

    for (Program responder : responders) {
      Result result = responder.end();
      assertThat(result.err()).hasSize(1);
      assertThat(result.exit()).isEqualTo(Language.EXIT + StatusCode.UNAVAILABLE.number());
    }
  }

  private List<Program> responders(CarrickServe service, String... options) {
    List<Program> responders = new ArrayList<>();
    for (Language language : Language.values()) {
      responders.add(language.serve(service, language.topic(), options));
    }
    programs.addAll(responders);
    return responders;
  }

  private Program caller(CarrickServe service, Language language, String topic) {
    String[] arguments =
        Stream.concat(Stream.of("--timeout", "60", "call", topic), texts(language, CALLS))
            .toArray(String[]::new);
    Program program = language.start(service.target(), arguments);
    programs.add(program);
    return program;
  }

  private static List<CompletableFuture<String>> callsOfJava(Remote remote, String topic) {
    return texts("java", CALLS_OF_JAVA)
        .map(text -> remote.request(topic, text, String.class))
        .toList();
  }

  private static List<String> topics() {
    return Stream.concat(
            Stream.of(ECHO), Arrays.stream(Language.values()).map(language -> language.topic()))
        .toList();
  }

  private static Stream<String> texts(Object caller, int count) {
    return IntStream.range(0, count).mapToObj(i -> caller + " " + i);
  }

  private static List<String> replies(String topic, Object caller, int count) {
    String heard = topic.equals(ECHO) ? "" : topic.replaceFirst("/.*", " heard ");
    return texts(caller, count).map(text -> heard + text).toList();
  }
}
