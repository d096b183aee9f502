package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who takes Carrick by its BOM gets the libraries that it was tested with. */
class BomTest {

  /** What Maven resolved for a project that has the BOM and nothing else of ours. */
  private static final Path RESOLVED = Path.of("..", "bom-user", "target", "resolved");

  @Test
  void aUserGetsTheVersionsThatAreTested() throws Exception {
    List<String> tested =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).getFileName().toString())
            .toList();
    Map<String, String> users = users();

    assertThat(users).containsKeys("grpc-netty", "guava", "protobuf-java-util", "nimbus-jose-jwt");
    users.forEach(
        (artifact, version) ->
            assertThat(tested)
                .as("pin %s in bom/pom.xml: users get %s", artifact, version)
                .contains(artifact + "-" + version + ".jar"));
  }

  @Test
  void oneDependencyBringsWhatAServiceBeginsWith() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));

    assertThat(readme).contains("<artifactId>carrick-starter</artifactId>");
    assertThat(resolved("io.carrick"::equals))
        .containsKeys(
            "carrick-starter",
            "carrick-sdk-api",
            "carrick-sdk-core",
            "carrick-serialization",
            "carrick-transport-memory",
            "carrick-transport-unix",
            "carrick-transport-grpc");
    assertThat(users()).containsKeys("jackson-databind", "jspecify");
  }

  /** Artifacts of others, and their versions. */
  private static Map<String, String> users() throws IOException {
    return resolved(group -> !group.equals("io.carrick"));
  }

  /** Artifacts of some groups, and their versions. */
  private static Map<String, String> resolved(Predicate<String> group) throws IOException {
    Map<String, String> versions = new TreeMap<>();
    for (String line : Files.readAllLines(RESOLVED)) {
      // group:artifact:jar:version:scope, and what else the plug-in tells of modules
      String[] parts = line.strip().split("[: ]");
      if (parts.length >= 5 && parts[2].equals("jar") && group.test(parts[0])) {
        versions.put(parts[1], parts[3]);
      }
    }
    return versions;
  }
}
