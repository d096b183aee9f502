package io.carrick;

import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Prints an explanation as a table and as JSON. */
final class ExplanationText {

  private ExplanationText() {}

  static String table(Explanation e) {
    StringBuilder out = new StringBuilder();
    out.append("service   ").append(e.service().isEmpty() ? "(any)" : e.service()).append('\n');
    out.append("needs     ").append(e.requirements()).append('\n');
    out.append("path      ").append(e.chosen().orElse("(none)")).append('\n');
    int width = e.candidates().stream().mapToInt(c -> c.endpoint().length()).max().orElse(8);
    for (Explanation.Candidate c : e.candidates()) {
      boolean chosen = e.chosen().filter(c.endpoint()::equals).isPresent();
      out.append(chosen ? "* " : c.eligible() ? "  " : "x ")
          .append(String.format(Locale.ROOT, "%-" + width + "s", c.endpoint()))
          .append("  rtt ")
          .append(c.rttMicros() < 0 ? "-" : c.rttMicros() + " us")
          .append("  score ")
          .append(c.score())
          .append("  failures ")
          .append(c.failures())
          .append(c.advertised() ? "  advertised; " : "  ")
          .append(String.join("; ", c.reasons()))
          .append('\n');
    }
    e.events().forEach(event -> out.append(event).append('\n'));
    return out.toString();
  }

  static String json(Explanation e) {
    Requirements needs = e.requirements();
    return "{\"service\":"
        + quote(e.service())
        + ",\"requirements\":{\"security\":"
        + quote(needs.security().name())
        + ",\"delivery\":"
        + quote(needs.delivery().name())
        + ",\"durable\":"
        + needs.isDurable()
        + ",\"idempotent\":"
        + needs.isIdempotent()
        + ",\"maxLatencyMicros\":"
        + needs.maxLatency().map(d -> Long.toString(d.toNanos() / 1000)).orElse("null")
        + "},\"chosen\":"
        + e.chosen().map(ExplanationText::quote).orElse("null")
        + ",\"candidates\":"
        + array(e.candidates(), ExplanationText::candidate)
        + ",\"events\":"
        + array(e.events(), ExplanationText::event)
        + "}";
  }

  private static String candidate(Explanation.Candidate c) {
    return "{\"endpoint\":"
        + quote(c.endpoint())
        + ",\"eligible\":"
        + c.eligible()
        + ",\"reasons\":"
        + array(c.reasons(), ExplanationText::quote)
        + ",\"rttMicros\":"
        + (c.rttMicros() < 0 ? "null" : Long.toString(c.rttMicros()))
        + ",\"samples\":"
        + c.samples()
        + ",\"score\":"
        + c.score()
        + ",\"failures\":"
        + c.failures()
        + ",\"advertised\":"
        + c.advertised()
        + "}";
  }

  private static String event(PathEvent event) {
    return "{\"epochMillis\":"
        + event.at().toEpochMilli()
        + ",\"what\":"
        + quote(event.what().name().toLowerCase(Locale.ROOT))
        + ",\"from\":"
        + quote(event.from())
        + ",\"to\":"
        + quote(event.to())
        + ",\"reason\":"
        + quote(event.reason())
        + "}";
  }

  private static <T> String array(java.util.List<T> values, Function<T, String> print) {
    return values.stream().map(print).collect(Collectors.joining(",", "[", "]"));
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7e) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
