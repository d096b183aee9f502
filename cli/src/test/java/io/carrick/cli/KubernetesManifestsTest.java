package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine;

/** What docs/kubernetes says is what the command takes, and fits together. */
@SuppressWarnings("unchecked") // YAML has no types.
final class KubernetesManifestsTest {

  private static final Path DIRECTORY = Path.of("..", "docs", "kubernetes");
  private static final Pattern LISTENING = Pattern.compile("--listen=grpcs?://[^:]+:(\\d+)");
  private static final Pattern CALLED =
      Pattern.compile("-addr=127\\.0\\.0\\.1:(\\d+)|--connect=grpc://[^:]+:(\\d+)");
  private static final Pattern DRAIN = Pattern.compile("--drain=(\\S+)");
  private static final Duration CLOSING = Duration.ofSeconds(12);

  static List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void eachCommandLineIsUnderstood(Path manifest) throws IOException {
    for (Map<String, Object> container : containers(manifest)) {
      String[] arguments = ((List<String>) container.get("args")).toArray(String[]::new);

      CommandLine.ParseResult parsed =
          Main.commandLine(Captured.plain().terminal()).parseArgs(arguments);

      assertThat(parsed.subcommand()).as("%s", container).isNotNull();
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void eachPortThatIsNamedIsListenedOn(Path manifest) throws IOException {
    String text = Files.readString(manifest);
    Set<String> listening = ports(LISTENING, text);

    assertThat(listening).isNotEmpty();
    assertThat(listening).containsAll(ports(CALLED, text));
    assertThat(listening).containsAll(ports(Pattern.compile("[pP]ort: (\\d+)"), text));
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void thereIsTimeToDrainAndToClose(Path manifest) throws IOException {
    String text = Files.readString(manifest);
    long sleep =
        ports(Pattern.compile("seconds: (\\d+)"), text).stream().mapToLong(Long::parseLong).sum();
    long grace =
        ports(Pattern.compile("GracePeriodSeconds: (\\d+)"), text).stream()
            .mapToLong(Long::parseLong)
            .sum();
    Duration drain =
        ports(DRAIN, text).stream()
            .map(time -> new Converters.OfDuration().convert(time))
            .findFirst()
            .orElseThrow();

    assertThat(Duration.ofSeconds(grace)).isGreaterThan(drain.plus(CLOSING).plusSeconds(sleep));
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void whatIsMountedIsThere(Path manifest) throws IOException {
    for (Map<String, Object> pod : pods(manifest)) {
      Set<Object> volumes = names((List<Map<String, Object>>) pod.get("volumes"));
      for (Map<String, Object> container : (List<Map<String, Object>>) pod.get("containers")) {
        assertThat(volumes)
            .containsAll(names((List<Map<String, Object>>) container.get("volumeMounts")));
      }
      assertThat((Map<String, Object>) pod.get("securityContext")).containsKey("runAsUser");
    }
  }

  private static Set<Object> names(List<Map<String, Object>> all) {
    return all.stream().map(each -> each.get("name")).collect(Collectors.toSet());
  }

  private static Set<String> ports(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    for (MatchResult match : pattern.matcher(text).results().toList()) {
      for (int i = 1; i <= match.groupCount(); i++) {
        if (match.group(i) != null) {
          found.add(match.group(i));
        }
      }
    }
    return found;
  }

  private static List<Map<String, Object>> containers(Path manifest) throws IOException {
    return pods(manifest).stream()
        .flatMap(pod -> ((List<Map<String, Object>>) pod.get("containers")).stream())
        .toList();
  }

  /** The specifications of pods, bare or in a template. */
  private static List<Map<String, Object>> pods(Path manifest) throws IOException {
    List<Map<String, Object>> found = new ArrayList<>();
    for (Object document : new Yaml().loadAll(Files.readString(manifest))) {
      Map<String, Object> spec = (Map<String, Object>) ((Map<String, Object>) document).get("spec");
      if (spec.get("template") instanceof Map<?, ?> template) {
        found.add((Map<String, Object>) template.get("spec"));
      } else if (spec.containsKey("containers")) {
        found.add(spec);
      }
    }
    assertThat(found).isNotEmpty();
    return found;
  }
}
