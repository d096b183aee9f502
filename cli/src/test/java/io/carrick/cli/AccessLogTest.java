package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the page of the command line says of {@code --access-log}, beside a terminal that waits. */
@Timeout(60)
class AccessLogTest {

  /** Holds whoever writes until it is opened, as a terminal does whose user stopped it. */
  private static final class Stopped extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();

    @Override
    public void write(int b) {
      reached.complete(null);
      Await.result(opened);
      synchronized (written) {
        written.write(b);
      }
    }

    List<String> lines() {
      synchronized (written) {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
      }
    }
  }

  @Test
  void tenThousandLinesWaitAndWhatComesBeyondIsLeftOutAndCounted() {
    Stopped terminal = new Stopped();
    AccessLog log = new AccessLog(new PrintStream(terminal, false, StandardCharsets.UTF_8));
    try (Messenger service =
            Messenger.builder("service")
                .listen("memory:access-log")
                .interceptHandlers(log)
                .build();
        Messenger client = Messenger.builder("client").build()) {
      service.handle("echo", String.class, text -> text);
      Remote remote = client.connect("memory:access-log");
      call(remote, 1);
      Await.result(terminal.reached);

      call(remote, 10_000 + 7);
      terminal.opened.complete(null);

      Await.until("what waited is written", () -> terminal.lines().size() >= 10_002);
      assertThat(terminal.lines())
          .filteredOn(line -> line.contains(" request echo "))
          .hasSize(10_001);
      assertThat(terminal.lines())
          .filteredOn(line -> !line.contains(" request echo "))
          .containsExactly("7 calls are not in this log: it could not be written as fast");

      call(remote, 1);
      Await.until("it goes on", () -> terminal.lines().size() == 10_003);
      assertThat(terminal.lines().get(10_002))
          .matches("\\S+Z request echo \\S+ OK \\S+ ms in=1 out=1");
    }
  }

  private static void call(Remote remote, int times) {
    for (int i = 0; i < times; i++) {
      Await.result(remote.request("echo", "x", String.class));
    }
  }
}
