package io.carrick.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs every sample and checks what it prints. */
@Timeout(30)
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
            "two more, please",
            "Reading[sensor=attic, number=3]",
            "Reading[sensor=attic, number=4]",
            "made by the service: 4");
  }

  @Test
  void subscriberGetsWhatItsFilterSelects() throws Exception {
    assertThat(printedBy(PublishSubscribe::main))
        .containsExactly(
            "smith got Price[good=tin, euros=29.5]", "smith got Price[good=zinc, euros=2.6]");
  }

  @Test
  void failuresSayWhatHappened() throws Exception {
    assertThat(printedBy(ErrorsAndDeadlines::main))
        .containsExactly(
            "found nothing: NOT_FOUND, delivered YES, retry safe false",
            "no handler: UNIMPLEMENTED, delivered NO, retry safe true",
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
