package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.cli.Processes.Result;
import io.carrick.cli.Processes.Running;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What people expect of any tool: pipes, signals, bytes, the environment. */
class ToolTest {

  private static final long PATIENCE_SECONDS = 20;

  @TempDir(factory = ShortDirectory.class)
  Path directory;

  private final CompletableFuture<Message> seen = new CompletableFuture<>();
  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private final AtomicInteger echoes = new AtomicInteger();
  private String endpoint;
  private Messenger service;
  private Processes processes;

  @BeforeEach
  void startTheService() {
    endpoint = "unix:" + directory.resolve("s");
    processes = new Processes(directory);
    service = Messenger.builder("tested").listen(endpoint).build();
    service.handle("echo", Message.class, this::echo);
    service.handleAsync("never", Message.class, this::never);
  }

  @AfterEach
  void stopTheService() {
    service.close();
  }

  private Message echo(Message request) {
    echoes.incrementAndGet();
    seen.complete(request);
    return Message.of(request.contentType(), request.toByteArray());
  }

  private CompletionStage<Message> never(Message request, Call call) {
    call.onCancel(() -> cancelled.complete(null));
    seen.complete(request);
    return new CompletableFuture<>();
  }

  @Test
  void aBodyThatBeginsWithAnAtSignIsThatBody() throws Exception {
    Path file = Files.writeString(directory.resolve("words"), "not these words");

    assertThat(processes.run("request", "-c", endpoint, "echo", "@" + file))
        .isEqualTo(new Result(0, "@" + file + "\n", ""));
  }

  @Test
  void headersPriorityAndContentTypeGoWithTheRequest() throws Exception {
    Captured captured = Captured.plain();

    int exitCode =
        captured.run(
            "request",
            "-c",
            endpoint,
            "-H",
            "Trace-Id: 7",
            "-H",
            "tenant:a b",
            "--priority=high",
            "--content-type=application/json",
            "echo",
            "{}");

    assertThat(exitCode).isZero();
    Message message = seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(message.headers().first("trace-id")).contains("7");
    assertThat(message.headers().first("tenant")).contains("a b");
    assertThat(message.contentType()).isEqualTo("application/json");
  }

  @Test
  void theServiceMayBeNamedByTheEnvironment() throws Exception {
    ProcessBuilder builder = processes.builder("request", "echo", "x");
    builder.environment().put("CARRICK_CONNECT", endpoint);
    Process process = builder.redirectError(Redirect.INHERIT).start();

    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(printed).isEqualTo("x\n");
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void bytesThatAreNoUtf8GoThereAndBackAsTheyAre() throws Exception {
    ProcessBuilder builder = processes.builder("request", "-c", endpoint, "echo", "-");
    Process process = builder.redirectError(Redirect.INHERIT).start();
    byte[] body = {'a', (byte) 0xFF, 0, '\n', (byte) 0xC3};
    process.getOutputStream().write(body);
    process.getOutputStream().close();

    byte[] printed = process.getInputStream().readAllBytes();

    assertThat(seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS).toByteArray()).isEqualTo(body);
    assertThat(printed).containsExactly('a', 0xFF, 0, '\n', 0xC3, '\n');
  }

  @Test
  void aPipeThatIsClosedEndsTheRequests() throws Exception {
    ProcessBuilder builder =
        processes.builder("request", "-c", endpoint, "--count", "100000", "echo", "x");
    Process process = builder.redirectError(Redirect.INHERIT).start();

    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("x");
    }

    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(ExitCode.OUTPUT_LOST);
    assertThat(echoes.get()).isLessThan(100_000);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void outputThatCannotBeWrittenIsAFailure() throws Exception {
    for (List<String> command :
        List.of(List.of("request", "-c", endpoint, "echo", "x"), List.of("--help"))) {
      File err = Files.createTempFile(directory, "err", "").toFile();
      Process process =
          processes
              .builder(command.toArray(String[]::new))
              .redirectOutput(new File("/dev/full"))
              .redirectError(err)
              .start();

      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(ExitCode.OUTPUT_LOST);
      assertThat(err).content().startsWith("carrick: the output could not be written: ");
    }
  }

  @Test
  void anInterruptCancelsTheCallAndEndsWith130() throws Exception {
    Captured captured = Captured.plain();
    CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    Thread command =
        new Thread(() -> exitCode.complete(captured.run("request", "-c", endpoint, "never", "x")));
    command.start();
    seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    command.interrupt();

    assertThat(exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(130);
    assertThat(cancelled).succeedsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
    assertThat(captured.err()).isEmpty();
  }

  @Test
  void aSignalCancelsTheCallBeforeTheProcessEnds() throws Exception {
    Running running = processes.start(new byte[0], "request", "-c", endpoint, "never", "x");
    seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    Result result = running.stop();

    assertThat(result).isEqualTo(new Result(128 + 15, "", ""));
    assertThat(cancelled).succeedsWithin(Duration.ofSeconds(2));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void theTimeOutIsTheTimeToConnectHoweverLongItIs() throws Exception {
    Path silent = directory.resolve("silent");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(silent));
      Captured captured = Captured.plain();
      long start = System.nanoTime();

      int exitCode = captured.run("request", "-c", "unix:" + silent, "--timeout", "11s", "a");

      assertThat(exitCode).isEqualTo(ExitCode.NO_ANSWER);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void linesOfTheInputAreSentByteForByte() {
    byte[] input = {'a', '\r', '\n', '\n', (byte) 0xFF};
    List<byte[]> lines = new ArrayList<>();
    new Lines(new java.io.ByteArrayInputStream(input), 10).forEachRemaining(lines::add);

    assertThat(lines)
        .containsExactly(new byte[] {'a', '\r'}, new byte[0], new byte[] {(byte) 0xFF});
  }
}
