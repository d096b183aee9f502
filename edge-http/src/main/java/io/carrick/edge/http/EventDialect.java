package io.carrick.edge.http;

import io.carrick.Message;
import io.carrick.transport.support.edge.EdgeFailure;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
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
    JsonText data = MessageJson.put(new JsonText(), item);
    return bytes("id: " + ++last + "\n" + event("item", data.end()));
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
