package io.carrick.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds what the documents say against the files and the code that they speak of. */
class DocumentationTest {

  private static final Path ROOT = root();
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern DOCUMENT = Pattern.compile("docs/[A-Za-z0-9/-]+\\.md");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?)\\s*$");
  private static final Set<String> NO_DOCUMENTS = Set.of("target", ".git", "node_modules", ".venv");

  @Test
  void everyRelativeLinkLeadsToAFileAndAHeading() throws IOException {
    List<String> broken = new ArrayList<>();

    for (Path document : files(".md")) {
      Matcher link = LINK.matcher(FENCED.matcher(Files.readString(document)).replaceAll(""));
      while (link.find()) {
        if (!link.group(1).matches("[a-z]+:.*") && !leadsSomewhere(document, link.group(1))) {
          broken.add(ROOT.relativize(document) + " -> " + link.group(1));
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void everyDocumentThatTheSourcesNameIsThere() throws IOException {
    List<String> broken = new ArrayList<>();

    for (Path source : files(".java", ".proto")) {
      Matcher document = DOCUMENT.matcher(Files.readString(source));
      while (document.find()) {
        if (!Files.exists(ROOT.resolve(document.group()))) {
          broken.add(ROOT.relativize(source) + " -> " + document.group());
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void codeOfTheReadmeStandsInASample() throws IOException {
    allStandsIn("README.md", "samples/src/main/java/io/carrick/samples/HelloRequestReply.java");
  }

  @Test
  void codeOfTheApiPageStandsInItsTest() throws IOException {
    allStandsIn("docs/api.md", "samples/src/test/java/io/carrick/samples/ApiPageTest.java");
  }

  private static void allStandsIn(String document, String source) throws IOException {
    String all = unindented(Files.readString(ROOT.resolve(source)));
    Matcher fenced = FENCED.matcher(Files.readString(ROOT.resolve(document)));
    List<String> java = new ArrayList<>();
    while (fenced.find()) {
      if (fenced.group(1).equals("java")) {
        java.add(fenced.group(2));
      }
    }

    assertThat(java).isNotEmpty();
    assertThat(java).allSatisfy(code -> assertThat(all).contains(unindented(code)));
  }

  @Test
  void everyExceptionAndStatusCodeIsExplained() throws IOException {
    String errors = Files.readString(ROOT.resolve("docs/errors.md"));

    assertThat(MessagingException.class.getPermittedSubclasses())
        .allSatisfy(type -> assertThat(errors).contains("`" + type.getSimpleName() + "`"));
    assertThat(Arrays.stream(StatusCode.values()).filter(code -> code != StatusCode.OK))
        .allSatisfy(code -> assertThat(errors).contains("`" + code + "`"));
  }

  @Test
  void everySampleIsNamedInTheReadme() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));

    try (Stream<Path> files =
        Files.list(ROOT.resolve("samples/src/main/java/io/carrick/samples"))) {
      List<String> samples =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("package-info.java"))
              .toList();
      assertThat(samples).isNotEmpty().allSatisfy(name -> assertThat(readme).contains(name));
    }
  }

  private static boolean leadsSomewhere(Path document, String link) throws IOException {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
    if (!Files.exists(target)) {
      return false;
    }
    return hash < 0 || anchors(target).contains(link.substring(hash + 1));
  }

  /** As GitHub makes them of headings. */
  private static Set<String> anchors(Path document) throws IOException {
    String text = FENCED.matcher(Files.readString(document)).replaceAll("");
    return HEADING
        .matcher(text)
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static List<Path> files(String... endings) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return NO_DOCUMENTS.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (Arrays.stream(endings).anyMatch(file.toString()::endsWith)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  private static Path root() {
    Path path = Path.of("").toAbsolutePath();
    while (!Files.exists(path.resolve("LICENSE"))) {
      Path parent = path.getParent();
      if (parent == null) {
        throw new IllegalStateException("no LICENSE above " + Path.of("").toAbsolutePath());
      }
      path = parent;
    }
    return path;
  }
}
