package io.carrick.core.frame;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Encodes frames, canonically: the bytes that generated protobuf classes give, but for the encoding
 * of a long message, which stands before its length. OPEN and ITEM are written in place with their
 * payload last; the other frames are small arrays.
 */
public final class FrameWriter {

  private static final int MAX_ERROR_TEXT = 1_024;
  private static final int MAX_CONTROL_BYTES = 8 << 10;

  private FrameWriter() {}

  /** The fields 2 to 10 and 13 of an OPEN: all but what the session knows. */
  public static byte[] openHead(
      Kind kind,
      String topic,
      long timeoutMillis,
      Priority priority,
      long items,
      Headers headers,
      String contentType,
      OverflowPolicy overflow,
      List<String> accept,
      String encoding) {
    MessageBuilder head =
        new MessageBuilder()
            .number(2, kind.number())
            .text(3, topic)
            .number(4, timeoutMillis)
            .number(5, priority.ordinal())
            .number(6, items);
    headers(head, 7, headers);
    return head.text(8, contentType)
        .number(9, overflow.ordinal())
        .texts(10, accept)
        .text(13, encoding)
        .build();
  }

  /** The fields 4 to 6 and 9 of an ITEM. */
  public static byte[] itemHead(
      String topic, Headers headers, String contentType, String encoding) {
    if (topic.isEmpty() && headers.isEmpty() && contentType.isEmpty() && encoding.isEmpty()) {
      return EMPTY;
    }
    MessageBuilder head = new MessageBuilder().text(4, topic);
    headers(head, 5, headers);
    return head.text(6, contentType).text(9, encoding).build();
  }

  private static final byte[] EMPTY = {};

  private static void headers(MessageBuilder out, int field, Headers headers) {
    for (Headers.Entry entry : headers.entries()) {
      out.element(field, entry(entry.name(), entry.value()));
    }
  }

  private static byte[] entry(String name, String value) {
    return new MessageBuilder().text(1, name).text(2, value).build();
  }

  private static int openBody(long exchange, byte[] head, long length, boolean more, int payload) {
    return Varint.fieldSize(1, exchange)
        + head.length
        + Varint.fieldSize(11, length)
        + (more ? 2 : 0)
        + Varint.bytesSize(15, payload);
  }

  /** The bytes of a whole OPEN frame. */
  public static int openSize(
      long seq, long exchange, byte[] head, long length, boolean more, int payloadBytes) {
    int body = openBody(exchange, head, length, more, payloadBytes);
    return Varint.fieldSize(1, seq) + Varint.elementSize(FrameType.OPEN.field(), body);
  }

  /** Writes an OPEN frame at the buffer's position. */
  public static void open(
      ByteBuffer out,
      long seq,
      long exchange,
      byte[] head,
      long length,
      boolean more,
      byte[] payload,
      int offset,
      int payloadBytes) {
    begin(out, seq, FrameType.OPEN, openBody(exchange, head, length, more, payloadBytes));
    Varint.field(out, 1, exchange);
    out.put(head);
    Varint.field(out, 11, length);
    Varint.field(out, 12, more ? 1 : 0);
    payload(out, payload, offset, payloadBytes);
  }

  private static int itemBody(
      long exchange,
      boolean last,
      boolean present,
      byte[] head,
      long length,
      boolean more,
      long missed,
      int payload) {
    return Varint.fieldSize(1, exchange)
        + (last ? 2 : 0)
        + (present ? 2 : 0)
        + head.length
        + Varint.fieldSize(7, length)
        + (more ? 2 : 0)
        + Varint.fieldSize(10, missed)
        + Varint.bytesSize(15, payload);
  }

  /** The bytes of a whole ITEM frame. */
  public static int itemSize(
      long seq,
      long exchange,
      boolean last,
      boolean present,
      byte[] head,
      long length,
      boolean more,
      long missed,
      int payloadBytes) {
    int body = itemBody(exchange, last, present, head, length, more, missed, payloadBytes);
    return Varint.fieldSize(1, seq) + Varint.elementSize(FrameType.ITEM.field(), body);
  }

  /** Writes an ITEM frame at the buffer's position. */
  public static void item(
      ByteBuffer out,
      long seq,
      long exchange,
      boolean last,
      boolean present,
      byte[] head,
      long length,
      boolean more,
      long missed,
      byte[] payload,
      int offset,
      int payloadBytes) {
    begin(
        out,
        seq,
        FrameType.ITEM,
        itemBody(exchange, last, present, head, length, more, missed, payloadBytes));
    Varint.field(out, 1, exchange);
    Varint.field(out, 2, last ? 1 : 0);
    Varint.field(out, 3, present ? 1 : 0);
    out.put(head);
    Varint.field(out, 7, length);
    Varint.field(out, 8, more ? 1 : 0);
    Varint.field(out, 10, missed);
    payload(out, payload, offset, payloadBytes);
  }

  private static void begin(ByteBuffer out, long seq, FrameType type, int body) {
    Varint.field(out, 1, seq);
    Varint.tag(out, type.field(), Varint.BYTES);
    Varint.put(out, body);
  }

  private static void payload(ByteBuffer out, byte[] payload, int offset, int bytes) {
    if (bytes > 0) {
      Varint.tag(out, 15, Varint.BYTES);
      Varint.put(out, bytes);
      out.put(payload, offset, bytes);
    }
  }

  /**
   * The body of an ERROR. The message is cut after 1,024 UTF-8 bytes, and details that would make
   * the frame larger than 8 KiB are left out.
   */
  public static byte[] error(
      long exchange, int code, String message, Map<String, String> details, boolean notDelivered) {
    MessageBuilder error =
        new MessageBuilder().number(1, exchange).number(2, code).bytes(3, cut(message));
    for (Map.Entry<String, String> detail : details.entrySet()) {
      byte[] entry = entry(detail.getKey(), detail.getValue());
      if (error.size() + entry.length + 32 <= MAX_CONTROL_BYTES) {
        error.element(4, entry);
      }
    }
    return body(FrameType.ERROR, error.flag(5, notDelivered));
  }

  private static byte[] cut(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_ERROR_TEXT) {
      return bytes;
    }
    int end = MAX_ERROR_TEXT;
    while ((bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return java.util.Arrays.copyOf(bytes, end);
  }

  /** The body of a CANCEL. */
  public static byte[] cancel(long exchange, int code) {
    return body(FrameType.CANCEL, new MessageBuilder().number(1, exchange).number(2, code));
  }

  /** The body of a CREDIT; 0 leaves a counter unchanged. */
  public static byte[] credit(long exchange, long bytes, long items, boolean stopSending) {
    return body(
        FrameType.CREDIT,
        new MessageBuilder()
            .number(1, exchange)
            .number(2, bytes)
            .number(3, items)
            .number(4, stopSending ? 1 : 0));
  }

  /** The body of a NOTICE. */
  public static byte[] notice(List<String> endpoints, boolean move, boolean draining) {
    return notice(endpoints, move, draining, "", false);
  }

  /** The body of a NOTICE that also shows a token, or asks for one. */
  public static byte[] notice(
      List<String> endpoints, boolean move, boolean draining, String token, boolean tokenWanted) {
    return body(
        FrameType.NOTICE,
        new MessageBuilder()
            .texts(1, endpoints)
            .flag(2, move)
            .flag(3, draining)
            .text(4, token)
            .flag(5, tokenWanted));
  }

  /** The body of a FIN. */
  public static byte[] fin(int code, String message) {
    return body(FrameType.FIN, new MessageBuilder().number(1, code).bytes(2, cut(message)));
  }

  /** The bytes of a whole sequenced frame with this body. */
  public static int sequencedSize(long seq, byte[] body) {
    return Varint.fieldSize(1, seq) + body.length;
  }

  /** Writes a sequenced frame at the buffer's position. */
  public static void sequenced(ByteBuffer out, long seq, byte[] body) {
    Varint.field(out, 1, seq);
    out.put(body);
  }

  /** An ACK frame. */
  public static byte[] ack(long cum, long calls, long streams) {
    return body(
        FrameType.ACK, new MessageBuilder().number(1, cum).number(2, calls).number(3, streams));
  }

  /** A PING frame. */
  public static byte[] ping(long token, long sent) {
    return body(FrameType.PING, new MessageBuilder().number(1, token).number(2, sent));
  }

  /** A PONG frame. */
  public static byte[] pong(long token, long cum) {
    return body(FrameType.PONG, new MessageBuilder().number(1, token).number(2, cum));
  }

  /** A PATH_CLOSE frame; {@code over} says that the session is over, too, and the code why. */
  public static byte[] pathClose(String reason, boolean over, int code) {
    return body(
        FrameType.PATH_CLOSE,
        new MessageBuilder().bytes(1, cut(reason)).flag(2, over).number(3, code));
  }

  /** A HELLO frame. */
  public static byte[] hello(Hello h) {
    return body(
        FrameType.HELLO,
        new MessageBuilder()
            .number(1, h.minVersion())
            .number(2, h.maxVersion())
            .bytes(3, h.instance())
            .text(4, h.service())
            .text(5, h.expectedService())
            .bytes(6, h.nonce())
            .bytes(7, h.keyShare())
            .element(8, limits(h.limits()))
            .texts(9, h.contentTypes())
            .texts(10, h.encodings())
            .number(11, h.floor())
            .text(12, h.token())
            .number(13, h.resumeMillis()));
  }

  /** A WELCOME frame. */
  public static byte[] welcome(Welcome w) {
    return body(
        FrameType.WELCOME,
        new MessageBuilder()
            .number(1, w.version())
            .bytes(2, w.instance())
            .text(3, w.service())
            .bytes(4, w.session())
            .bytes(5, w.nonce())
            .bytes(6, w.keyShare())
            .element(7, limits(w.limits()))
            .texts(8, w.contentTypes())
            .texts(9, w.encodings())
            .number(10, w.floor())
            .texts(11, w.endpoints())
            .bytes(12, w.mac())
            .bytes(13, w.host())
            .number(14, w.redialMillis())
            .number(15, w.identityRequired() ? 1 : 0));
  }

  private static byte[] limits(ReceiveLimits limits) {
    return new MessageBuilder()
        .number(1, limits.maxMessageBytes())
        .number(2, limits.initialBytes())
        .number(3, limits.calls())
        .number(4, limits.streams())
        .build();
  }

  /** A REJECT frame. */
  public static byte[] reject(Reject r) {
    return body(
        FrameType.REJECT,
        new MessageBuilder().bytes(1, r.instance()).number(2, r.code()).bytes(3, cut(r.message())));
  }

  /** A RESUME frame. */
  public static byte[] resume(Resume r) {
    return body(
        FrameType.RESUME,
        new MessageBuilder()
            .bytes(1, r.session())
            .bytes(2, r.clientInstance())
            .bytes(3, r.serverInstance())
            .number(4, r.epoch())
            .bytes(5, r.nonce())
            .text(6, r.pathKind())
            .number(7, r.cum()));
  }

  /** A CHALLENGE frame. */
  public static byte[] challenge(Challenge c) {
    return body(
        FrameType.CHALLENGE, new MessageBuilder().bytes(1, c.nonce()).bytes(2, c.pathNonce()));
  }

  /** A PROOF frame. */
  public static byte[] proof(Proof p) {
    return body(FrameType.PROOF, new MessageBuilder().bytes(1, p.mac()));
  }

  /** A RESUMED frame. */
  public static byte[] resumed(Resumed r) {
    return body(
        FrameType.RESUMED,
        new MessageBuilder().number(1, r.epoch()).number(2, r.cum()).bytes(3, r.mac()));
  }

  private static byte[] body(FrameType type, MessageBuilder message) {
    return new MessageBuilder().element(type.field(), message.build()).build();
  }
}
