package io.carrick.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs every sample and checks what it prints. */
@Timeout(90)
class SamplesTest {

  private static final String[] NO_ARGUMENTS = {};

  @Test
  void helloIsAnswered() throws Exception {
    assertThat(printedBy(HelloRequestReply::main)).containsExactly("Hello, world!");
  }

  @Test
  void streamMakesOnlyWhatIsAskedFor() throws Exception {
    assertThat(printedBy(StreamingWithBackPressure::main))
        .containsExactly(
            "Reading[sensor=attic, number=1]",
            "Reading[sensor=attic, number=2]",
            "Reading[sensor=attic, number=3]",
            "Reading[sensor=attic, number=4]",
            "at most six were made: true");
  }

  @Test
  void emittersLoseNothing() throws Exception {
    assertThat(printedBy(EmittingItems::main))
        .containsExactly("soup", "bread", "plums", "soup for two");
  }

  @Test
  void subscriberGetsWhatItsFilterSelects() throws Exception {
    assertThat(printedBy(PublishSubscribe::main))
        .containsExactly(
            "smith got Price[good=tin, euros=29.5]", "smith got Price[good=zinc, euros=2.6]");
  }

  @Test
  void movingSession() throws Exception {
    assertThat(printedBy(MovingSession::main))
        .contains(
            "17", "moved: the application asked", "on the second: true", "same session: true");
  }

  @Test
  void failuresSayWhatHappened() throws Exception {
    assertThat(printedBy(ErrorsAndDeadlines::main))
        .containsExactly(
            "found nothing: NOT_FOUND, delivered YES, retry safe false",
            "no handler: UNIMPLEMENTED, delivered NO, retry safe false",
            "too slow: DEADLINE_EXCEEDED, delivered MAYBE, retry safe false",
            "nobody there: UNAVAILABLE, delivered NO, retry safe true");
  }

  @Test
  void interceptorsAndAuthorizerStandAroundCalls() throws Exception {
    assertThat(printedBy(InterceptorsAndAuthorizer::main))
        .containsExactly("REQUEST vault/open, trace 4711", "box 7 is open", "PERMISSION_DENIED");
  }

  @Test
  void pairInMemoryServesTests() throws Exception {
    assertThat(printedBy(TestingWithInMemory::main)).containsExactly("1000 cents are 1650 yen");
  }

  @Test
  void sourceFileRunsByItself() throws Exception {
    Path source = Path.of("src/main/java/io/carrick/samples/HelloRequestReply.java");
    Path output = Files.createTempFile("carrick", ".txt");
    String libraries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).startsWith(Path.of("target").toAbsolutePath()))
            .collect(Collectors.joining(File.pathSeparator));
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                libraries,
                source.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    try {
      assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(output)).isEqualToIgnoringNewLines("Hello, world!");
    } finally {
      java.destroyForcibly();
      Files.delete(output);
    }
  }

  private static List<String> printedBy(Sample sample) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      sample.main(NO_ARGUMENTS);
    } finally {
      System.setOut(before);
    }
    return printed.toString(UTF_8).lines().toList();
  }

  private interface Sample {

    void main(String[] args) throws Exception;
  }
}
