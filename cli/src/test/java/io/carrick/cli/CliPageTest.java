package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import io.carrick.testkit.Await;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * docs/cli.md, in its order. What each command prints is in EndToEndTest and CommandsTest, bodies,
 * signals and pipes in ToolTest, terminals in TerminalTest, times in ConvertersTest, TLS in
 * TlsTest, tokens in TokenTest, help and the table of exit codes in MainTest and ExitCodeTest.
 */
@Timeout(120)
class CliPageTest {

  private static final Path LAUNCHER = Path.of("..", "carrick");

  @TempDir(factory = ShortDirectory.class)
  Path directory;

  private Messenger service;
  private String endpoint;

  @BeforeEach
  void serve() {
    endpoint = "unix:" + directory.resolve("s");
    service =
        Messenger.builder("tested")
            .listen(endpoint)
            .listen("unix:" + directory.resolve("second"))
            .build();
    BuiltInService.register(service);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  /** What a command gets that calls the service. */
  private Result call(String command, String... arguments) {
    return callAt(endpoint, command, arguments);
  }

  private static Result callAt(String at, String command, String... arguments) {
    Captured captured = Captured.plain();
    int exitCode =
        captured.run(
            Stream.concat(Stream.of(command, "--connect", at), Stream.of(arguments))
                .toArray(String[]::new));
    return new Result(exitCode, captured.out(), captured.err());
  }

  @Test
  void itWorksFromAnyDirectoryAndThroughASymbolicLink() throws Exception {
    Path home = Files.createDirectories(directory.resolve("home"));
    Path launcher = Files.copy(LAUNCHER, home.resolve("carrick"));
    Path target = Files.createDirectories(home.resolve("cli/target"));
    Files.createFile(target.resolve("carrick.built"));
    Path jdk = javaThatPrintsItsArguments();
    Path link = Files.createSymbolicLink(directory.resolve("link"), launcher);
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));

    ProcessBuilder builder = new ProcessBuilder("bash", link.toString(), "request", "a b");
    builder.directory(elsewhere.toFile()).environment().put("JAVA_HOME", jdk.toString());
    builder.environment().put("JAVA_OPTS", "-Xmx64m -Dx=y");
    List<String> started = lines(builder);

    assertThat(started)
        .contains("-Xmx64m", "-Dx=y")
        .endsWith(Main.class.getName(), "request", "a b");
    assertThat(started)
        .contains(target.toRealPath() + "/carrick-cli.jar:" + target.toRealPath() + "/lib/*");
  }

  private Path javaThatPrintsItsArguments() throws Exception {
    Path jdk = directory.resolve("jdk");
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    return jdk;
  }

  private List<String> lines(ProcessBuilder builder) throws Exception {
    File out = Files.createTempFile(directory, "out", "").toFile();
    Process process = builder.redirectErrorStream(true).redirectOutput(out).start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return Files.readAllLines(out.toPath());
  }

  // Commands.

  @Test
  void serveTellsRealPortsAndThenReadyAndLetsStreamsEndBeforeItDoes() throws Exception {
    Running serving =
        new Processes(directory).start(new byte[0], "serve", "--listen", "grpc://127.0.0.1:0");
    serving.awaitLine("ready");
    String listening = Files.readAllLines(serving.out()).get(0);
    assertThat(listening).matches("listening grpc://127\\.0\\.0\\.1:[1-9][0-9]*");
    try (Messenger caller = Messenger.builder("caller").build()) {
      Remote remote =
          caller
              .connect(listening.substring("listening ".length()))
              .with(CallOptions.DEFAULT.withWaitForReady(false));
      Taking taking = new Taking();
      remote.stream("carrick/count", "3", String.class).subscribe(taking);
      Flow.Subscription items = Await.result(taking.subscribed);
      items.request(1);
      Await.until("one is there", () -> taking.items.size() == 1);

      serving.process().destroy();
      items.request(2);

      Await.result(taking.end);
      assertThat(taking.items).containsExactly("1", "2", "3");
    }
    assertThat(serving.end().exitCode()).isZero();
  }

  @Test
  void streamWithWatchTellsEachMoveOfTheSessionAndItsReason() throws Exception {
    SubmissionPublisher<String> items = new SubmissionPublisher<>();
    service.handleStream("watched", String.class, (String nothing) -> items);
    Captured captured = Captured.plain();
    String ways = endpoint + "," + service.endpoints().get(1);
    CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    new Thread(() -> exitCode.complete(captured.run("stream", "-c", ways, "--watch", "watched")))
        .start();
    Await.until("it streams", items::hasSubscribers);

    Await.result(service.peers().get(0).move());
    Await.until(captured::err, Await.LONG_ENOUGH, () -> captured.err().contains("  moved  unix:"));
    items.submit("after it");
    items.close();

    assertThat(Await.result(exitCode)).isZero();
    assertThat(captured.out()).isEqualTo("after it\n");
    assertThat(captured.errorLines().get(0)).contains("path unix:", "carries the stream");
    assertThat(captured.err()).contains("the peer asked");
  }

  @Test
  void listTellsPatternTopicWhatItTakesAndWhatItGivesOneTopicALine() throws Exception {
    assertThat(call("list").out().lines())
        .containsExactly(
            "request  carrick/echo    any            -> the same",
            "send     carrick/echo    any",
            "stream   carrick/count   whole number   -> whole numbers",
            "channel  carrick/sum     whole numbers  -> whole numbers",
            "request  carrick/info    nothing        -> application/json",
            "request  carrick/ping    nothing        -> nothing",
            "request  carrick/topics  nothing        -> application/json");
    assertThat(JsonMapper.shared().readTree(call("list", "--json").out())).hasSize(7);
  }

  @Test
  void withoutABodyTheMessageIsEmptyAndWhatIsNoOptionStandsBehindTwoHyphens() {
    assertThat(call("request", "carrick/echo")).isEqualTo(new Result(0, "\n", ""));
    assertThat(call("request", "carrick/echo", "-x").exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(call("request", "carrick/echo", "--", "-x")).isEqualTo(new Result(0, "-x\n", ""));
  }

  // Calling.

  @Test
  void theTimeOutIs1msTo24h() {
    for (String wrong : List.of("0", "999us", "25h")) {
      Result result = call("request", "carrick/echo", "--timeout", wrong);

      assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(result.err()).contains(wrong).contains("24");
    }
    assertThat(call("request", "carrick/echo", "x", "--timeout", "24h").exitCode()).isZero();
  }

  @Test
  void whereNobodyAnswersAtFirstEveryCommandFailsAtOnce() {
    service.close();
    for (String command :
        List.of(
            "request t",
            "send t",
            "stream t",
            "channel t x",
            "publish t",
            "subscribe t",
            "list",
            "ping",
            "bench",
            "explain")) {
      // Each could wait for longer than this test may take.
      String[] words = (command + " --timeout=1h").split(" ", 2);

      Result result = call(words[0], words[1].split(" "));

      assertThat(result.exitCode()).as(command).isEqualTo(ExitCode.NO_ANSWER);
    }
  }

  @Test
  void valuesOfAnOptionAreNamedWhereOneIsWrong() {
    assertThat(call("send", "t", "--priority", "low").err()).contains("low", "normal", "bulk");
    assertThat(call("send", "t", "--delivery", "once").err()).contains("once", "exactly-once");
    assertThat(call("send", "t", "--security", "tls").err()).contains("tls", "mutual");
    assertThat(call("subscribe", "t", "--overflow", "x").err()).contains("x", "drop-oldest");
  }

  @Test
  void aChannelStopsAtItsCount() {
    assertThat(call("channel", "carrick/sum", "1", "2", "3", "--count", "2"))
        .isEqualTo(new Result(0, "1\n3\n", ""));
  }

  // Serving.

  @Test
  void theTopicsAnswerAsTheTableSays() throws Exception {
    assertThat(call("request", "carrick/echo", "{}", "--content-type=application/json").out())
        .isEqualTo("{}\n");
    assertThat(call("send", "carrick/echo", "x").exitCode()).isZero();
    assertThat(call("stream", "carrick/count", "3").out()).isEqualTo("1\n2\n3\n");
    assertThat(call("channel", "carrick/sum", "1", "2").out()).isEqualTo("1\n3\n");
    assertThat(call("request", "carrick/ping", "--raw")).isEqualTo(new Result(0, "", ""));
    JsonNode info = JsonMapper.shared().readTree(call("request", "carrick/info").out());
    assertThat(info.get("service").asString()).isEqualTo("tested");
    assertThat(info.get("instance").asString()).isEqualTo(service.instance());
    assertThat(info.get("endpoints")).hasSize(2);
    assertThat(List.of(info.get("sends").asInt(), info.get("channels").asInt()))
        .containsExactly(1, 1);
  }

  @Test
  void theCommandOfAReplyIsKilledWhenTheDeadlineOfItsCallPasses() throws Exception {
    Path started = directory.resolve("pid");
    String command =
        "echo $$ > "
            + directory.resolve("new")
            + "; mv "
            + directory.resolve("new")
            + " "
            + started
            + "; exec sleep 100";
    Running replying = replying("slow", "--command", command);

    assertThat(callAt(endpoint + "r", "request", "slow", "x", "--timeout", "3s").exitCode())
        .isEqualTo(ExitCode.DEADLINE);

    long pid = Long.parseLong(Files.readString(started).strip());
    Await.until(
        "the command has ended",
        () -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false).equals(false));
    assertThat(replying.stop().exitCode()).isZero();
  }

  @Test
  void atMostAsManyCommandsOfAReplyRunAtATimeAsItsConcurrency() throws Exception {
    Path running = directory.resolve("running");
    // mkdir fails where the directory is there: then two run at once.
    String command = "mkdir " + running + " && sleep 0.1 && rmdir " + running + " && echo alone";
    Running replying = replying("one", "--concurrency", "1", "--command", command);
    List<CompletableFuture<Message>> replies = new ArrayList<>();
    try (Messenger caller = Messenger.builder("caller").build()) {
      Remote remote = caller.connect(endpoint + "r");

      IntStream.range(0, 4).forEach(i -> replies.add(remote.request("one", "", Message.class)));

      assertThat(replies).allSatisfy(r -> assertThat(Await.result(r).text()).isEqualTo("alone\n"));
    }
    assertThat(replying.stop().exitCode()).isZero();
  }

  private Running replying(String... arguments) throws Exception {
    Running replying =
        new Processes(directory)
            .start(
                new byte[0],
                Stream.concat(Stream.of("reply", "--listen", endpoint + "r"), Stream.of(arguments))
                    .toArray(String[]::new));
    replying.awaitLine("ready");
    return replying;
  }

  /** Takes what it asks for. */
  private static final class Taking implements Flow.Subscriber<String> {

    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final List<String> items = new CopyOnWriteArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscribed.complete(s);
    }

    @Override
    public void onNext(String item) {
      items.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }
}
