package io.carrick;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Names and values that travel with a message, in order; a name may occur more than once.
 * Immutable.
 *
 * <p>Names are {@code [a-z0-9._-]{1,64}} (upper case is lowered), values any text without control
 * characters. At most 64 entries and 8,192 UTF-8 bytes of names and values together.
 */
public final class Headers {

  /** No headers. */
  public static final Headers EMPTY = new Headers(List.of());

  /** The most entries: 64. */
  public static final int MAX_ENTRIES = 64;

  /** The most UTF-8 bytes of all names and values: 8,192. */
  public static final int MAX_BYTES = 8_192;

  private final List<Entry> entries;

  private Headers(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Headers from entries, validated.
   *
   * @throws IllegalArgumentException if a name or a value has a character that is not allowed, or a
   *     limit is passed
   */
  public static Headers of(List<Entry> entries) {
    if (entries.isEmpty()) {
      return EMPTY;
    }
    List<Entry> copy = List.copyOf(entries);
    if (copy.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          copy.size() + " headers exceed the " + MAX_ENTRIES + " that a message may have");
    }
    long bytes = 0;
    for (Entry entry : copy) {
      bytes += entry.name().length() + utf8Length(entry.value());
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "headers of " + bytes + " bytes exceed the " + MAX_BYTES + " that a message may have");
    }
    return new Headers(copy);
  }

  /** Headers with one entry. */
  public static Headers of(String name, String value) {
    return EMPTY.with(name, value);
  }

  /** These headers and one more entry behind them. */
  public Headers with(String name, String value) {
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(name, value));
    return of(more);
  }

  /** The first value of a name. */
  public Optional<String> first(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    for (Entry entry : entries) {
      if (entry.name().equals(key)) {
        return Optional.of(entry.value());
      }
    }
    return Optional.empty();
  }

  /** All entries in order; unmodifiable. */
  public List<Entry> entries() {
    return entries;
  }

  /** Whether there is no entry. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  private static long utf8Length(String text) {
    return text.codePoints()
        .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
        .sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Headers that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    return "Headers" + entries;
  }

  /**
   * One name and its value.
   *
   * @param name {@code [a-z0-9._-]{1,64}}
   * @param value text without control characters
   */
  public record Entry(String name, String value) {
    public Entry {
      name = name.toLowerCase(Locale.ROOT);
      if (name.isEmpty() || name.length() > 64 || !name.chars().allMatch(Entry::nameCharacter)) {
        throw new IllegalArgumentException(
            "header name \"" + Printable.of(name) + "\" must be 1 to 64 of [a-z0-9._-]");
      }
      if (value.codePoints().anyMatch(c -> c < 0x20 || (c >= 0x7f && c < 0xa0))) {
        throw new IllegalArgumentException(
            "header " + name + ": the value must have no control characters");
      }
    }

    private static boolean nameCharacter(int c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
  }
}
