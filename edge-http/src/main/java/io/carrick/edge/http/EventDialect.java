package io.carrick.edge.http;

import io.carrick.Headers;
import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Function;

/** Items as server-sent events (HTML, section 9.2): each is one line of JSON. */
final class EventDialect implements Dialect {

  static final String CONTENT_TYPE = "text/event-stream";

  private static final byte[] IDLE = ":\n\n".getBytes(StandardCharsets.UTF_8);

  private final Function<byte[], Message> message;
  private final String missed;
  private long last; // Items are encoded one at a time.

  /**
   * @param lastEventId what the client says that it has seen; empty for nothing
   */
  EventDialect(Function<byte[], Message> message, String lastEventId) {
    this.message = message;
    this.missed =
        lastEventId.isEmpty()
            ? ""
            : event("missed", new JsonText().put("lastEventId", lastEventId).end());
  }

  @Override
  public long mostBodyBytes(int maxMessageBytes) {
    return maxMessageBytes;
  }

  @Override
  public Message message(byte[] body) {
    return message.apply(body);
  }

  @Override
  public Answer reply(Message reply) {
    throw new IllegalStateException("there are items");
  }

  @Override
  public Answer failure(EdgeFailure failure) {
    return Problems.answer(failure);
  }

  /** Tells what stands between to hold nothing back and to change nothing. */
  @Override
  public Answer begin() {
    return Answer.text(200, CONTENT_TYPE, missed.isEmpty() ? ":\n\n" : missed)
        .with(HttpHeaderNames.CACHE_CONTROL, "no-store, no-transform")
        .with("x-accel-buffering", "no");
  }

  @Override
  public byte[] item(Message item) {
    String type = item.contentType();
    JsonText data = new JsonText();
    if (!item.topic().isEmpty()) {
      data.put("topic", item.topic());
    }
    data.put("contentType", type);
    if (!item.headers().isEmpty()) {
      data.putJson("headers", headers(item.headers()));
    }
    if (MediaTypes.isText(type)) {
      data.put("payload", item.text());
    } else {
      data.put("payloadBase64", Base64.getEncoder().encodeToString(item.sharedBytes()));
    }
    return bytes("id: " + ++last + "\n" + event("item", data.end()));
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

  @Override
  public byte[] end() {
    return bytes(event("end", "{}"));
  }

  @Override
  public byte[] end(EdgeFailure failure) {
    return bytes(event("error", Problems.json(failure)));
  }

  @Override
  public byte[] idle() {
    return IDLE;
  }

  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
