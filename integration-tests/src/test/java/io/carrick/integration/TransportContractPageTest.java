package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testkit.PollContract;
import io.carrick.testkit.TransportContract;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/transport-contract.md and docs/writing-a-transport.md. The rules themselves are tried by
 * TransportContract and PollContract, which the transports of this project extend.
 */
final class TransportContractPageTest {

  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern RULE = Pattern.compile("(?m)^\\*\\*(C\\d\\d)\\*\\*");
  private static final Pattern PART = Pattern.compile("(?m)^\\| `(\\w+)` \\| .* \\| `(\\w+)` \\|$");

  @TempDir Path directory;

  @Test
  void eachRuleHasATestWhoseNameBeginsWithItsNumber() throws IOException {
    Set<String> rules =
        RULE.matcher(Files.readString(DOCS.resolve("transport-contract.md")))
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> tests = numbers(TransportContract.class);
    assertThat(numbers(PollContract.class)).containsExactly("C21");
    tests.addAll(numbers(PollContract.class));
    assertThat(tests).isEqualTo(rules).hasSize(22);
  }

  private static Set<String> numbers(Class<?> contract) {
    return tests(contract)
        .map(name -> name.substring(0, 3).toUpperCase(Locale.ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> tests(Class<?> contract) {
    return Arrays.stream(contract.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(method -> method.getName());
  }

  @Test
  void eachPartIsAnInterfaceAndHasItsCounterpartInTransportMemory() throws Exception {
    List<String[]> parts =
        PART.matcher(Files.readString(DOCS.resolve("writing-a-transport.md")))
            .results()
            .map(m -> new String[] {m.group(1), m.group(2)})
            .toList();

    assertThat(parts).hasSize(4);
    for (String[] part : parts) {
      String home =
          part[0].equals("PacketChannel") ? "io.carrick.transport.support." : "io.carrick.spi.";
      assertThat(Class.forName(home + part[0]))
          .isInterface()
          .isAssignableFrom(Class.forName("io.carrick.transport.memory." + part[1]));
    }
  }

  @Test
  void theTestOfAnotherTransportCompilesAndHas22Tests() throws IOException {
    String page = Files.readString(DOCS.resolve("writing-a-transport.md"));
    int start = page.indexOf("final class PigeonTransportContractTest");
    String test = page.substring(start, page.indexOf("```", start));

    assertThat(compile(test)).isEmpty();

    assertThat(page).contains("PigeonTransportContractTest: 22 passed, 0 failed, 0 skipped");
    assertThat(tests(TransportContract.class)).hasSize(22);
  }

  /** What the compiler says of it, beside the provider that it speaks of. */
  private List<String> compile(String test) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    List<JavaFileObject> sources =
        List.of(
            source(
                "PigeonTransportContractTest",
                "import io.carrick.*; import io.carrick.spi.*; import io.carrick.testkit.*;"
                    + test),
            source(
                "PigeonTransportProvider",
                "final class PigeonTransportProvider implements io.carrick.spi.TransportProvider {"
                    + " public java.util.Set<String> schemes() { return"
                    + " java.util.Set.of(\"pigeon\"); } public io.carrick.spi.Capabilities"
                    + " capabilities(io.carrick.spi.Endpoint e, io.carrick.spi.TransportConfig c) {"
                    + " throw new AssertionError(); } public io.carrick.spi.Transport"
                    + " create(io.carrick.spi.TransportConfig c) { throw new AssertionError(); }"
                    + " }"));
    compiler
        .getTask(
            null,
            null,
            said,
            List.of(
                "-proc:none",
                "-d",
                directory.toString(),
                "-cp",
                System.getProperty("java.class.path")),
            null,
            sources)
        .call();
    return said.getDiagnostics().stream().map(d -> d.getKind() + " " + d).toList();
  }

  private static JavaFileObject source(String name, String code) {
    return new SimpleJavaFileObject(
        URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return code;
      }
    };
  }
}
