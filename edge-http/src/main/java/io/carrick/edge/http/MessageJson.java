package io.carrick.edge.http;

import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import java.util.Base64;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Messages and failures as members of a JSON object. Pure functions. */
public final class MessageJson {

  private static final int MOST_DEPTH = 64;
  private static final int MOST_MESSAGE_BYTES = 1_024;

  /** Reads what comes, whose size is bounded; 64 levels deep at most. */
  public static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MOST_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE) // The body is bounded.
                  .build())
          .build();

  private MessageJson() {}

  /** A message: its topic where it has one, its headers, and its payload as text or in Base64. */
  public static JsonText put(JsonText to, Message message) {
    String type = message.contentType();
    if (!message.topic().isEmpty()) {
      to.put("topic", message.topic());
    }
    to.put("contentType", type);
    if (!message.headers().isEmpty()) {
      to.putJson("headers", headers(message.headers()));
    }
    return MediaTypes.isText(type)
        ? to.put("payload", message.text())
        : to.put("payloadBase64", Base64.getEncoder().encodeToString(message.sharedBytes()));
  }

  /** In order, as a name may stand twice: pairs of names and values. */
  private static String headers(Headers headers) {
    StringBuilder pairs = new StringBuilder("[");
    for (Headers.Entry each : headers.entries()) {
      pairs.append(pairs.length() > 1 ? ",[" : "[");
      JsonText.quote(pairs, each.name());
      pairs.append(',');
      JsonText.quote(pairs, each.value());
      pairs.append(']');
    }
    return pairs.append(']').toString();
  }

  /** What programs read of a failure, and 1,024 bytes of its text at most as {@code name}. */
  public static JsonText put(JsonText to, String name, EdgeFailure failure) {
    to.put(name, failure.shortMessage(MOST_MESSAGE_BYTES))
        .put("code", Problems.lower(failure.code()))
        .put("delivered", Problems.lower(failure.delivered()))
        .put("retry", failure.retrySafe() ? "safe" : "unsafe");
    if (!failure.details().isEmpty()) {
      JsonText details = new JsonText();
      failure.details().forEach(details::put);
      to.putJson("details", details.end());
    }
    return to;
  }
}
