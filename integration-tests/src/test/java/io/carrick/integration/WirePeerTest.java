package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.integration.Program.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers in other languages, written from docs/wire-format.md, have sessions with a Java node. */
@ParameterizedClass
@EnumSource(names = {"PYTHON", "GO"})
@Timeout(120)
final class WirePeerTest {

  private static final int LONG = 200_000;

  @TempDir Path directory;
  @Parameter Language language;

  @BeforeEach
  void check() {
    language.checkPeer();
  }

  @Test
  void itComputesTheExamplesOfThePage() {
    Path examples = Path.of("..", "docs", "handshake.json").toAbsolutePath();

    assertThat(run("check", examples.toString())).isEqualTo(Result.done("checked"));
  }

  @Test
  void itsSessionOutlivesItsConnections() throws Exception {
    ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    Path socket = directory.resolve("node.sock");
    try (Messenger node = Messenger.builder("node").listen("unix:" + socket).build()) {
      node.handle(
          "echo",
          String.class,
          text -> {
            asked.add(text.length() == LONG ? "long" : text);
            return text;
          });
      node.handleStream(
          "count", String.class, count -> Source.of(Integer.parseInt(count), n -> "" + (n + 1)));

      Result result = run("run", socket.toString());

      List<String> inTheStorm =
          List.of(
              "sent before cut 700",
              "sent after cut 700",
              "sent before cut 1400",
              "sent after cut 1400",
              "sent before cut 2100",
              "sent after cut 2100",
              "moved");
      assertThat(result)
          .isEqualTo(
              Result.done(
                  Stream.of(
                          Stream.of("reply hello", "long reply is the same"),
                          // RESUMED of epoch 2 was lost.
                          IntStream.of(1, 3, 4, 5).mapToObj(epoch -> "resumed epoch " + epoch),
                          Stream.of("items 3000"),
                          inTheStorm.stream().map(text -> "reply " + text),
                          Stream.of("closed"))
                      .flatMap(lines -> lines)
                      .toArray(String[]::new)));
      assertThat(asked).containsSubsequence("hello", "long").hasSize(2 + inTheStorm.size());
      assertThat(asked).containsAll(inTheStorm);
    }
  }

  private Result run(String... arguments) {
    try (Program program = language.startPeer(arguments)) {
      return program.end();
    }
  }
}
