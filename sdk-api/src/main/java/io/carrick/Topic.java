package io.carrick;

import java.util.Objects;

/**
 * The rules of topics and of the filters that select them.
 *
 * <p>A topic is 1 to 16 levels of {@code [A-Za-z0-9._~-]+} joined by {@code /}, at most 255 bytes;
 * no level is {@code .} or {@code ..}. A filter may have {@code +} in place of a level (any one
 * level) and {@code #} as its last level (that level, all below it, and the level above it), as in
 * MQTT 5.0 §4.7.1.
 */
public final class Topic {

  /** The most levels: 16. */
  public static final int MAX_LEVELS = 16;

  /** The most bytes: 255. */
  public static final int MAX_BYTES = 255;

  private Topic() {}

  /**
   * Returns the topic if it is one.
   *
   * @throws IllegalArgumentException if it is not; the message names the rule
   */
  public static String check(String topic) {
    return validate("topic", topic, false);
  }

  /**
   * Returns the filter if it is one; each topic is a filter that matches itself.
   *
   * @throws IllegalArgumentException if it is not; the message names the rule
   */
  public static String checkFilter(String filter) {
    return validate("topic filter", filter, true);
  }

  /** Whether the filter has {@code +} or {@code #}. */
  public static boolean hasWildcard(String filter) {
    return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
  }

  /** Whether a valid filter selects a valid topic. */
  public static boolean matches(String filter, String topic) {
    int f = 0;
    int t = 0;
    while (true) {
      if (f < filter.length() && filter.charAt(f) == '#') {
        return true;
      }
      boolean any = f < filter.length() && filter.charAt(f) == '+';
      int filterEnd = levelEnd(filter, f);
      int topicEnd = levelEnd(topic, t);
      if (!any
          && (filterEnd - f != topicEnd - t || !filter.regionMatches(f, topic, t, topicEnd - t))) {
        return false;
      }
      if (topicEnd == topic.length()) {
        return filterEnd == filter.length() || filter.startsWith("/#", filterEnd);
      }
      if (filterEnd == filter.length()) {
        return false;
      }
      f = filterEnd + 1;
      t = topicEnd + 1;
    }
  }

  private static int levelEnd(String text, int from) {
    int slash = text.indexOf('/', from);
    return slash < 0 ? text.length() : slash;
  }

  private static String validate(String what, String text, boolean filter) {
    Objects.requireNonNull(text, what);
    if (text.isEmpty() || text.length() > MAX_BYTES) {
      throw bad(what, text, "must have 1 to " + MAX_BYTES + " bytes, has " + text.length());
    }
    int levels = 0;
    for (int start = 0; start <= text.length(); levels++) {
      int end = levelEnd(text, start);
      checkLevel(what, text, start, end, filter);
      start = end + 1;
    }
    if (levels > MAX_LEVELS) {
      throw bad(what, text, "must have at most " + MAX_LEVELS + " levels, has " + levels);
    }
    return text;
  }

  private static void checkLevel(String what, String text, int start, int end, boolean filter) {
    if (start == end) {
      throw bad(what, text, "has an empty level: leave out the extra '/'");
    }
    if (filter && end - start == 1 && text.charAt(start) == '+') {
      return;
    }
    if (filter && end - start == 1 && text.charAt(start) == '#') {
      if (end != text.length()) {
        throw bad(what, text, "has '#' before its last level: '#' stands last only");
      }
      return;
    }
    for (int i = start; i < end; i++) {
      if (!allowed(text.charAt(i))) {
        throw bad(what, text, "has a character outside [A-Za-z0-9._~-] at index " + i);
      }
    }
    if (text.charAt(start) == '.'
        && (end - start == 1 || (end - start == 2 && text.charAt(start + 1) == '.'))) {
      throw bad(what, text, "has a level '.' or '..': choose another name");
    }
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '~'
        || c == '-';
  }

  private static IllegalArgumentException bad(String what, String text, String rule) {
    return new IllegalArgumentException(what + " \"" + Printable.of(text) + "\" " + rule);
  }
}
