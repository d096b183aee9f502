package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of docs/errors.md, against which failures are held. */
final class ErrorsPage {

  private static final List<String> LINES = read();
  private static final Map<String, String[]> EXCEPTIONS = rows("Exception");
  private static final Map<String, String[]> CODES = rows("");

  private ErrorsPage() {}

  private static List<String> read() {
    try {
      return Files.readAllLines(Path.of("..", "docs", "errors.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of tables whose first cell is one or more names that end so; by name. */
  private static Map<String, String[]> rows(String suffix) {
    return LINES.stream()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split("(?<!\\\\)\\|", -1))
        .flatMap(
            cells ->
                Arrays.stream(cells[1].split(","))
                    .map(name -> Map.entry(name.strip().replace("`", ""), cells)))
        .filter(row -> row.getKey().endsWith(suffix))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a));
  }

  /** The classes of which the page has a row. */
  static List<String> exceptions() {
    return List.copyOf(EXCEPTIONS.keySet());
  }

  /** What stands in the first cells of its tables: names of codes, and of classes. */
  static Set<String> codes() {
    return CODES.keySet();
  }

  /** A failure is one that the page has, in its row. */
  static void has(MessagingException failure) {
    String name = failure.getClass().getSimpleName();
    String[] cells = EXCEPTIONS.get(name);
    assertThat(cells).as("the row of %s", name).isNotNull();
    String code = "`" + failure.code() + "`";
    if (cells[3].contains("see below")) {
      assertThat(CODES).as("the codes of the page").containsKey(failure.code().toString());
    } else {
      assertThat(cells[3]).as("codes of %s", failure).contains(code);
    }
    assertThat(cells[4]).as("delivered of %s", failure).contains("`" + failure.delivered() + "`");
    if (cells[5].strip().equals("no")) {
      assertThat(failure.retrySafe()).as("retrySafe of %s", failure).isFalse();
    } else if (failure.retrySafe()) {
      assertThat(failure.delivered()).as("delivered of %s", failure).isEqualTo(Delivered.NO);
      assertThat(failure.code())
          .isNotIn(
              StatusCode.INVALID_ARGUMENT,
              StatusCode.FAILED_PRECONDITION,
              StatusCode.PERMISSION_DENIED,
              StatusCode.UNAUTHENTICATED,
              StatusCode.UNIMPLEMENTED);
    }
  }
}
