package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command as a person uses it: a service and its callers in processes of their own. */
class EndToEndTest {

  private static Path directory;
  private static String service;
  private static Processes processes;
  private static Running serving;

  @BeforeAll
  static void startTheService() throws Exception {
    // Not JUnit's own: the path of a socket must be short.
    directory = Files.createTempDirectory(Path.of("/tmp"), "carrick");
    service = "unix:" + directory.resolve("s");
    processes = new Processes(directory);
    serving = processes.start(new byte[0], "serve", "--listen", service, "--name", "tested");
    serving.awaitLine("ready");
  }

  @AfterAll
  static void stopTheService() throws Exception {
    try (Stream<Path> files = Files.walk(directory)) {
      Result result = serving.stop();
      assertThat(result.out()).isEqualTo("listening " + service + "\nready\n");
      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).isZero();
      assertThat(directory.resolve("s")).doesNotExist();
      files.sorted(Comparator.reverseOrder()).forEach(EndToEndTest::delete);
    }
  }

  @Test
  void aRequestIsEchoed() throws Exception {
    Result result = call("request", "carrick/echo", "grün 🪢");

    assertThat(result).isEqualTo(new Result(0, "grün 🪢\n", ""));
  }

  @Test
  void aBodyComesFromTheStandardInputAndBackByteForByte() throws Exception {
    byte[] body = "one\ntwo\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    Result result = processes.runWith(body, "request", "--connect", service, "carrick/echo", "-");

    assertThat(result).isEqualTo(new Result(0, new String(body, StandardCharsets.UTF_8), ""));
  }

  @Test
  void bytesComeBackAsBase64OrRaw() throws Exception {
    String[] request = {"request", "carrick/echo", "knot", "--content-type"};

    assertThat(call(request[0], request[1], request[2], request[3], "image/png").out())
        .isEqualTo("a25vdA==\n");
    assertThat(call(request[0], request[1], request[2], request[3], "image/png", "--raw").out())
        .isEqualTo("knot");
  }

  @Test
  void manyRequestsPrintManyLines() throws Exception {
    Result result = call("request", "carrick/echo", "x", "--count", "200");

    assertThat(result).isEqualTo(new Result(0, "x\n".repeat(200), ""));
  }

  @Test
  void aStreamPrintsItsItems() throws Exception {
    assertThat(call("stream", "carrick/count", "2000")).isEqualTo(new Result(0, upTo(2_000), ""));
  }

  @Test
  void aStreamStopsAtItsCount() throws Exception {
    Result result = call("stream", "carrick/count", "1000000000", "--count", "300");

    assertThat(result).isEqualTo(new Result(0, upTo(300), ""));
  }

  @Test
  void aChannelGivesRunningSums() throws Exception {
    assertThat(call("channel", "carrick/sum", "1", "2", "39"))
        .isEqualTo(new Result(0, "1\n3\n42\n", ""));
  }

  @Test
  void aChannelTakesLinesOfTheStandardInput() throws Exception {
    byte[] lines = "5\n6\n".getBytes(StandardCharsets.UTF_8);

    assertThat(processes.runWith(lines, "channel", "--connect", service, "carrick/sum"))
        .isEqualTo(new Result(0, "5\n11\n", ""));
  }

  @Test
  void aSendIsTaken() throws Exception {
    assertThat(call("send", "carrick/echo", "x", "--delivery", "exactly-once"))
        .isEqualTo(new Result(0, "", ""));
  }

  @Test
  void whatIsPublishedReachesWhoSubscribed() throws Exception {
    String filter = "news/+";
    Running first = subscriber(filter);
    Running second = subscriber(filter);
    first.awaitLine("subscribed " + filter);
    second.awaitLine("subscribed " + filter);

    assertThat(call("publish", "news/sea", "ahoy", "--count", "3").exitCode()).isZero();

    String expected = "news/sea\tahoy\n".repeat(3);
    assertThat(first.end()).isEqualTo(new Result(0, expected, "subscribed news/+\n"));
    assertThat(second.end()).isEqualTo(new Result(0, expected, "subscribed news/+\n"));
  }

  @Test
  void theServiceTellsAboutItself() throws Exception {
    JsonNode info = JsonMapper.shared().readTree(call("request", "carrick/info").out());

    assertThat(info.get("service").asString()).isEqualTo("tested");
    assertThat(info.get("endpoints").get(0).asString()).isEqualTo(service);
  }

  @Test
  void theChoiceOfPathIsExplained() throws Exception {
    Result table = processes.run("explain", "--connect", service);
    Result json = processes.run("explain", "--connect", service, "--json");

    assertThat(table.exitCode()).isZero();
    assertThat(table.out()).contains(service);
    assertThat(JsonMapper.shared().readTree(json.out()).toString()).contains(service);
  }

  @Test
  void whatNobodyHandlesEndsWithFour() throws Exception {
    Result result = call("request", "nobody/home", "x");

    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .startsWith("carrick: UNIMPLEMENTED")
        .contains("nobody/home")
        .hasLineCount(1);
  }

  @Test
  void aHandlersFailureEndsWithFour() throws Exception {
    Result result = call("stream", "carrick/count", "plenty");

    assertThat(result.exitCode()).isEqualTo(4);
    assertThat(result.err())
        .startsWith("carrick: INVALID_ARGUMENT: carrick/count takes")
        .hasLineCount(1);
  }

  @Test
  void whereNobodyListensItEndsWithThree() throws Exception {
    String nobody = "unix:" + directory.resolve("nobody");

    Result result = processes.run("request", "--connect", nobody, "--timeout", "2s", "a/b");

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).startsWith("carrick: ").contains(nobody).hasLineCount(1);
  }

  @Test
  void wherePeersSayNothingItEndsWithThree() throws Exception {
    Path silent = directory.resolve("silent");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(silent));

      Result result =
          processes.run("request", "--connect", "unix:" + silent, "--timeout", "1s", "a/b");

      assertThat(result.exitCode()).isEqualTo(3);
      assertThat(result.err()).contains(silent.toString()).hasLineCount(1);
    }
  }

  @Test
  void aHandlerThatNeverAnswersEndsWithFive() throws Exception {
    String slow = "unix:" + directory.resolve("slow");
    try (Messenger messenger = Messenger.builder("slow").listen(slow).build()) {
      messenger.handleAsync("never", String.class, (text, call) -> new CompletableFuture<String>());

      Result result = processes.run("request", "--connect", slow, "--timeout", "1s", "never", "x");

      assertThat(result.exitCode()).isEqualTo(5);
      assertThat(result.err()).startsWith("carrick: ").hasLineCount(1);
    }
  }

  @Test
  void theSecondWayIsTakenWhereTheFirstLeadsNowhere() throws Exception {
    String ways = "unix:" + directory.resolve("nobody") + "," + service;

    assertThat(processes.run("request", "--connect", ways, "carrick/echo", "x"))
        .isEqualTo(new Result(0, "x\n", ""));
  }

  @Test
  void anUnknownSchemeEndsWithTwo() throws Exception {
    Result result = processes.run("request", "--connect", "pigeon:/roof", "a/b");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).startsWith("carrick: ").contains("pigeon").hasLineCount(1);
  }

  @Test
  void anAddressInUseIsToldInOneLine() throws Exception {
    Result result = processes.run("serve", "--listen", service);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("carrick: ").contains(service).hasLineCount(1);
  }

  @Test
  void theDemoLosesNothing() throws Exception {
    Result result = processes.run("demo", "--json");

    JsonNode summary = JsonMapper.shared().readTree(result.out().lines().toList().get(0));
    assertThat(result.err()).contains("request", "stream", "channel", "publish", "send");
    assertThat(result.err()).as("ports as they are").doesNotContainPattern("127\\.0\\.0\\.1:0\\b");
    assertThat(result.exitCode()).isZero();
    assertThat(summary.get("sent").asInt()).isGreaterThan(48_000);
    assertThat(summary.get("moves").asInt()).isGreaterThan(8);
    assertThat(summary.get("received").asInt()).isEqualTo(summary.get("sent").asInt());
    assertThat(
            Map.of(
                "lost", summary.get("lost").asInt(),
                "duplicated", summary.get("duplicated").asInt(),
                "reordered", summary.get("reordered").asInt()))
        .allSatisfy((what, count) -> assertThat(count).as(what).isZero());
  }

  private static Result call(String command, String... arguments) throws Exception {
    return processes.run(
        Stream.concat(Stream.of(command, "--connect", service), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static Running subscriber(String filter) throws IOException {
    return processes.start(
        new byte[0], "subscribe", "--connect", service, filter, "--count", "3", "--show-topic");
  }

  private static String upTo(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
