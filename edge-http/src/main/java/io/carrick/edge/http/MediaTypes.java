package io.carrick.edge.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Content types as HTTP names them (RFC 9110, sections 8.3 and 12.5.1). Pure functions. */
public final class MediaTypes {

  private static final int MOST_ACCEPTED = 16;
  private static final int MOST_CHARACTERS = 255;

  private record Range(String type, double quality) {}

  private MediaTypes() {}

  /** A media type in lower case, without parameters. */
  public static String bare(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    return type.strip().toLowerCase(Locale.ROOT);
  }

  /**
   * The content type of a message.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static String checked(String contentType) {
    if (contentType.length() > MOST_CHARACTERS
        || contentType.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
      throw new IllegalArgumentException(
          "a content type of "
              + contentType.length()
              + " characters must be at most "
              + MOST_CHARACTERS
              + " printable ASCII characters: write a media type, such as application/json");
    }
    return contentType;
  }

  /**
   * The types that an Accept header asks for, best first, 16 at most; empty for any.
   *
   * @param accept its values
   */
  static List<String> accepted(List<String> accept) {
    List<Range> ranges = new ArrayList<>();
    for (String value : accept) {
      for (String each : value.split(",", 2 * MOST_ACCEPTED)) {
        Range range = new Range(bare(each), quality(each));
        if (range.quality() > 0 && range.type().contains("*")) {
          return List.of();
        }
        if (range.quality() > 0 && !range.type().isEmpty()) {
          ranges.add(range);
        }
      }
    }
    return ranges.stream()
        .sorted(Comparator.comparingDouble(Range::quality).reversed())
        .map(Range::type)
        .limit(MOST_ACCEPTED)
        .toList();
  }

  private static double quality(String range) {
    for (String parameter : range.split(";", -1)) {
      String stripped = parameter.strip();
      if (stripped.startsWith("q=") || stripped.startsWith("Q=")) {
        try {
          return Double.parseDouble(stripped.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }

  /** Whether bytes of a type are text in UTF-8. */
  static boolean isText(String contentType) {
    String type = bare(contentType);
    return type.startsWith("text/")
        || type.equals("application/json")
        || type.endsWith("+json")
        || type.endsWith("+xml");
  }
}
