package io.carrick.edge.http;

import io.carrick.Headers;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Headers of messages among those of HTTP: under a prefix, since a browser sends twenty of its own;
 * those of CloudEvents and of traces keep their names. Values are printable ASCII there; other
 * characters and the percent sign are written as UTF-8 with percent signs. Pure functions.
 */
final class RestHeaders {

  static final String PREFIX = "carrick-header-";

  /** Those that keep their names: W3C Trace Context and Baggage. */
  private static final Set<String> TRACE = Set.of("traceparent", "tracestate", "baggage");

  private RestHeaders() {}

  /**
   * The headers of the message of a request.
   *
   * @throws IllegalArgumentException if they are no headers, or too many
   */
  static Headers of(HttpHeaders http) {
    List<Headers.Entry> entries = new ArrayList<>();
    for (Map.Entry<String, String> each : http) {
      String name = each.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(PREFIX)) {
        entries.add(new Headers.Entry(name.substring(PREFIX.length()), decode(each.getValue())));
      } else if (name.startsWith(CloudEvents.PREFIX)) {
        entries.add(new Headers.Entry(name, decode(each.getValue())));
      } else if (TRACE.contains(name)) {
        entries.add(new Headers.Entry(name, each.getValue()));
      }
    }
    return Headers.of(entries);
  }

  /** Adds the headers of a message to those of a response. */
  static void add(Headers headers, HttpHeaders to) {
    for (Headers.Entry each : headers.entries()) {
      String prefix = each.name().startsWith(CloudEvents.PREFIX) ? "" : PREFIX;
      to.add(prefix + each.name(), encode(each.value()));
    }
  }

  /** Percent signs that are followed by no two digits stay as they are. */
  static String decode(String value) {
    if (value.indexOf('%') < 0) {
      return value;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '%'
          && i + 2 < value.length()
          && HexFormat.isHexDigit(value.charAt(i + 1))
          && HexFormat.isHexDigit(value.charAt(i + 2))) {
        bytes.write(HexFormat.fromHexDigits(value, i + 1, i + 3));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  static String encode(String value) {
    if (value.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '%')) {
      return value;
    }
    StringBuilder text = new StringBuilder(value.length() + 16);
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') {
        text.append((char) b);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return text.toString();
  }
}
