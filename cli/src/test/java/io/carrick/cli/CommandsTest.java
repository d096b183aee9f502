package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that look at a service, and those that play one. */
class CommandsTest {

  private static final long PATIENCE_SECONDS = 20;

  @TempDir(factory = ShortDirectory.class)
  Path directory;

  @Test
  void replyAnswersWithATextTheRequestOrWhatACommandPrints() throws Exception {
    assertThat(replied(List.of("greet", "good day", "--content-type=text/x-a"), "greet", "x"))
        .isEqualTo(new Result(0, "good day\n", ""));
    assertThat(replied(List.of("mirror", "--echo"), "mirror", "knot"))
        .isEqualTo(new Result(0, "knot\n", ""));
    assertThat(
            replied(
                List.of("words", "--command", "printf '%s ' $CARRICK_TOPIC; wc -w"),
                "words",
                "a b"))
        .isEqualTo(new Result(0, "words 2\n", ""));
  }

  @Test
  void whatACallerSaysIsNoPartOfTheCommand() throws Exception {
    Path proof = directory.resolve("proof");

    Result result =
        replied(List.of("cat", "--command", "cat"), "cat", "$(touch " + proof + "); `id`");

    assertThat(result.out()).isEqualTo("$(touch " + proof + "); `id`\n");
    assertThat(proof).doesNotExist();
  }

  @Test
  void aCommandThatFailsOrPrintsTooMuchFailsTheRequest() throws Exception {
    assertThat(replied(List.of("no", "--command", "exit 3"), "no", "x"))
        .isEqualTo(new Result(4, "", "carrick: UNKNOWN: the command ended with exit code 3\n"));
    assertThat(
            replied(
                    List.of(
                        "long", "--max-message-bytes", "1024", "--command", "yes | head -c 1025"),
                    "long",
                    "x")
                .err())
        .contains("RESOURCE_EXHAUSTED: the command printed more than the 1024 bytes");
  }

  @Test
  void replyWantsOneAnswer() {
    for (String[] arguments :
        new String[][] {{"t"}, {"t", "text", "--echo"}, {"t", "--echo", "--command", "cat"}}) {
      Captured captured = Captured.plain();
      String[] all = new String[arguments.length + 3];
      System.arraycopy(new String[] {"reply", "--listen", "unix:/nowhere/x"}, 0, all, 0, 3);
      System.arraycopy(arguments, 0, all, 3, arguments.length);

      assertThat(captured.run(all)).isEqualTo(ExitCode.USAGE);
      assertThat(captured.err()).contains("give a TEXT, --echo or --command");
    }
  }

  @Test
  void listPrintsWhatAServiceTellsAndSaysWhereItTellsNothing() {
    try (Messenger service = service()) {
      Captured silent = Captured.plain();
      assertThat(silent.run("list", "-c", endpoint())).isEqualTo(ExitCode.HANDLER_FAILED);
      assertThat(silent.err())
          .contains("this service does not tell its topics: it would answer requests on")
          .contains("carrick/topics");

      service.handle(
          "carrick/topics",
          Message.class,
          (Message m) ->
              Message.of(
                  "application/json",
                  "[{\"topic\":\"orders/find\",\"pattern\":\"request\",\"takes\":\"Id\"}]"
                      .getBytes(StandardCharsets.UTF_8)));
      Captured told = Captured.plain();
      assertThat(told.run("list", "-c", endpoint())).isZero();
      assertThat(told.out()).isEqualTo("request  orders/find  Id\n");
    }
  }

  @Test
  void listRefusesWhatIsNoListing() {
    try (Messenger service = service()) {
      service.handle("carrick/topics", String.class, (String text) -> "nonsense");
      Captured captured = Captured.plain();

      assertThat(captured.run("list", "-c", endpoint())).isEqualTo(ExitCode.HANDLER_FAILED);
      assertThat(captured.err()).contains("is no JSON array of objects with topic");
    }
  }

  @Test
  void pingMeasuresAServiceThatKnowsNothingOfIt() {
    try (Messenger service = service()) {
      Captured captured = Captured.plain();

      assertThat(captured.run("ping", "-c", endpoint(), "--count", "3", "--interval", "1ms"))
          .isZero();

      assertThat(captured.out().lines())
          .hasSize(4)
          .first()
          .asString()
          .matches("1 {2}[0-9.]+ ms {2}" + service.service() + " {2}" + endpoint());
      assertThat(captured.out())
          .containsPattern("3 made, 3 answered; least [0-9.]+ ms, mean [0-9.]+ ms, longest");
    }
  }

  @Test
  void whoDoesNotWaitHearsAtOnceThatTheServiceHasGone() throws Exception {
    try (Messenger service = service()) {
      CountDownLatch asked = new CountDownLatch(3);
      service.handle(
          Probe.TOPIC,
          Message.class,
          message -> {
            asked.countDown();
            return message;
          });
      Captured captured = Captured.plain();
      String[] words = {
        "ping", "-c", endpoint(), "--no-wait", "--timeout=60s", "--count=100", "--interval=20ms"
      };
      CompletableFuture<Integer> exitCode =
          CompletableFuture.supplyAsync(() -> captured.run(words));
      assertThat(asked.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

      service.close();

      assertThat(exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(ExitCode.NO_ANSWER);
      assertThat(captured.errorLines())
          .last()
          .asString()
          .contains("cannot connect to " + endpoint());
    }
  }

  @Test
  void benchCountsRequestsAndTheirTimes() throws Exception {
    try (Messenger service = service()) {
      service.handle("twice", String.class, (String text) -> text + text);
      Captured captured = Captured.plain();

      assertThat(
              captured.run(
                  "bench",
                  "-c",
                  endpoint(),
                  "--duration=200ms",
                  "--in-flight=4",
                  "--json",
                  "--size=10",
                  "twice"))
          .isZero();

      JsonNode result = JsonMapper.shared().readTree(captured.out());
      assertThat(result.get("requests").asLong()).isPositive();
      assertThat(result.get("perSecond").asDouble())
          .isCloseTo(
              result.get("requests").asLong() / result.get("seconds").asDouble(),
              Percentage.withPercentage(0.001));
      assertThat(result.get("path").asString()).isEqualTo(endpoint());
      assertThat(result.get("p50Micros").asLong())
          .isPositive()
          .isLessThanOrEqualTo(result.get("p99Micros").asLong());
    }
  }

  @Test
  void benchEndsAtTheFirstFailure() {
    try (Messenger service = service()) {
      Captured captured = Captured.plain();

      assertThat(captured.run("bench", "-c", endpoint(), "--duration=1h", "--in-flight=4", "no"))
          .isEqualTo(ExitCode.HANDLER_FAILED);
      assertThat(captured.err()).contains("UNIMPLEMENTED");
    }
  }

  @Test
  void explainMeasuresThePathAndHasALegend() throws Exception {
    try (Messenger service = service()) {
      Captured table = Captured.plain();
      Captured json = Captured.plain();

      assertThat(table.run("explain", "-c", endpoint(), "--measure", "10s")).isZero();
      assertThat(json.run("explain", "-c", endpoint(), "--measure", "10s", "--json")).isZero();

      assertThat(table.out())
          .contains("* " + endpoint())
          .containsPattern("rtt [0-9]+ us")
          .contains("*  in use", "score     microseconds that rank the paths");
      assertThat(JsonMapper.shared().readTree(json.out()).at("/candidates/0/rttMicros").asLong())
          .isPositive();
    }
  }

  @Test
  void explainMeasuresTheOtherPathsToo() throws Exception {
    String other = endpoint() + "-2";
    try (Messenger service = Messenger.builder("two").listen(endpoint()).listen(other).build()) {
      Captured json = Captured.plain();

      assertThat(json.run("explain", "-c", endpoint() + "," + other, "--measure=10s", "--json"))
          .isZero();

      JsonNode candidates = JsonMapper.shared().readTree(json.out()).at("/candidates");
      assertThat(candidates).hasSize(2).allMatch(c -> c.at("/rttMicros").asLong() > 0);
      assertThat(service.service()).isEqualTo("two");
    }
  }

  @Test
  void theAccessLogHasALineForEachCall() throws Exception {
    Processes processes = new Processes(directory);
    Running serving = processes.start(new byte[0], "serve", "--listen", endpoint(), "--access-log");
    serving.awaitLine("ready");

    Captured captured = Captured.plain();
    captured.run("request", "-c", endpoint(), "carrick/echo", "x");
    captured.run("stream", "-c", endpoint(), "carrick/count", "7");
    captured.run("stream", "-c", endpoint(), "carrick/count", "none");
    captured.run("channel", "-c", endpoint(), "carrick/sum", "1", "2");
    List<String> log = serving.stop().err().lines().toList();

    String who = " unix:" + System.getProperty("user.name") + " ";
    String time = "2[0-9-]+T[0-9:.]+Z ";
    assertThat(log).hasSize(4);
    assertThat(log.get(0))
        .matches(time + "request carrick/echo" + who + "OK [0-9.]+ ms in=1 out=1");
    assertThat(log.get(1))
        .matches(time + "stream carrick/count" + who + "OK [0-9.]+ ms in=1 out=7");
    assertThat(log.get(2))
        .matches(time + "stream carrick/count" + who + "INVALID_ARGUMENT [0-9.]+ ms in=1 out=0");
    assertThat(log.get(3)).matches(time + "channel carrick/sum" + who + "OK [0-9.]+ ms in=2 out=2");
  }

  @Test
  void aShellTakesTheCompletion() throws Exception {
    Captured captured = Captured.plain();
    assertThat(captured.run("completion")).isZero();
    Path script = Files.writeString(directory.resolve("completion"), captured.out());

    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source "
                    + script
                    + "; COMP_WORDS=(carrick requ); COMP_CWORD=1;"
                    + " COMP_LINE='carrick requ'; _complete_carrick; echo \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true)
            .start();

    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(said.strip()).isEqualTo("request");
  }

  @Test
  void certReplacesNothingUnlessItIsForced() throws Exception {
    String[] cert = {"cert", "orders", "--dir", directory.toString()};
    Captured captured = Captured.plain();
    assertThat(captured.run(cert)).isZero();
    byte[] key = Files.readAllBytes(directory.resolve("orders-key.pem"));

    assertThat(captured.run(cert)).isEqualTo(ExitCode.USAGE);
    assertThat(captured.err()).contains("orders.pem exists: give --force to replace it");
    assertThat(directory.resolve("orders-key.pem")).hasBinaryContent(key);

    assertThat(captured.run("cert", "orders", "--dir", directory.toString(), "--force")).isZero();
    assertThat(Files.readAllBytes(directory.resolve("orders-key.pem"))).isNotEqualTo(key);
  }

  private String endpoint() {
    return "unix:" + directory.resolve("s");
  }

  private Messenger service() {
    return Messenger.builder("tested").listen(endpoint()).build();
  }

  /** What a request gets from a {@code carrick reply} with these arguments. */
  private Result replied(List<String> arguments, String topic, String body) throws Exception {
    Processes processes = new Processes(directory);
    Running replying =
        processes.start(
            new byte[0],
            Stream.concat(Stream.of("reply", "--listen", endpoint()), arguments.stream())
                .toArray(String[]::new));
    replying.awaitLine("ready");
    try {
      Captured captured = Captured.plain();
      int exitCode = captured.run("request", "-c", endpoint(), topic, body);
      return new Result(exitCode, captured.out(), captured.err());
    } finally {
      assertThat(replying.stop().exitCode()).isZero();
    }
  }
}
