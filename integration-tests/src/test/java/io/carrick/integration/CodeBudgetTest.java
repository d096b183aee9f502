package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/decisions/0020 allows each module of code lines, and that it says who is over. */
final class CodeBudgetTest {

  private static final Path ROOT = Path.of("..");
  private static final Path DECISION =
      ROOT.resolve("docs/decisions/0020-a-budget-of-lines-a-module.md");

  /** A row: module, budget, what it may have until it is within the budget, and why. */
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9-]+)` \\| ([0-9,]+) \\| ([0-9,]*) \\| (.*) \\|");

  /** A literal, which may look like a comment, or a comment. */
  private static final Pattern LITERAL_OR_COMMENT =
      Pattern.compile(
          "\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*+\"|'(?:\\\\.|[^'\\\\])*+'|//[^\n]*|/\\*.*?\\*/",
          Pattern.DOTALL);

  private record Budget(int lines, int ceiling, String why) {

    boolean isExceeded(int has) {
      return has > Math.max(lines, ceiling);
    }
  }

  @Test
  void everyModuleIsWithinItsBudgetOrItsCeiling() throws IOException {
    Map<String, Budget> budgets = budgets();
    assertThat(budgets.keySet()).containsAll(transports()).contains("sdk-core");
    Map<String, Integer> has = new TreeMap<>();
    for (String module : budgets.keySet()) {
      has.put(module, codeLines(ROOT.resolve(module)));
    }
    has.forEach(
        (module, lines) ->
            System.out.printf("%s: %d of %d%n", module, lines, budgets.get(module).lines()));

    assertThat(has)
        .as("modules over what %s allows: make them smaller", DECISION)
        .allSatisfy(
            (module, lines) ->
                assertThat(budgets.get(module).isExceeded(lines))
                    .as("%s has %d lines, and may have %s", module, lines, budgets.get(module))
                    .isFalse());
  }

  @Test
  void whoIsOverItsBudgetSaysWhy() throws IOException {
    assertThat(budgets().values())
        .allSatisfy(
            budget ->
                assertThat(budget.why().isBlank())
                    .as("%s: a ceiling above the budget, and a reason for it, or neither", budget)
                    .isEqualTo(budget.ceiling() <= budget.lines()));
  }

  @Test
  void commentsAndBlankLinesDoNotCount() {
    String source =
        """
        // one
        class A { /* two
          three */ String a = "// no /* comment"; // four

          char b = '"'; /** five */
        }
        """;

    assertThat(codeLines(source)).isEqualTo(3);
  }

  private static Map<String, Budget> budgets() throws IOException {
    Map<String, Budget> budgets = new TreeMap<>();
    for (String line : Files.readAllLines(DECISION)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        budgets.put(
            row.group(1), new Budget(number(row.group(2)), number(row.group(3)), row.group(4)));
      }
    }
    return budgets;
  }

  private static int number(String text) {
    return text.isEmpty() ? 0 : Integer.parseInt(text.replace(",", ""));
  }

  private static List<String> transports() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("transport-"))
          .toList();
    }
  }

  private static int codeLines(Path module) throws IOException {
    int lines = 0;
    try (Stream<Path> files = Files.walk(module.resolve("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        lines += codeLines(Files.readString(file));
      }
    }
    return lines;
  }

  private static int codeLines(String source) {
    String code =
        LITERAL_OR_COMMENT
            .matcher(source)
            .replaceAll(
                found ->
                    found.group().startsWith("/") ? "" : Matcher.quoteReplacement(found.group()));
    return Math.toIntExact(code.lines().filter(line -> !line.isBlank()).count());
  }
}
