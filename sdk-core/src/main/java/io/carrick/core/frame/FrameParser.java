package io.carrick.core.frame;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses frames as protobuf does: fields in any order, repeated, unknown, in non-minimal varints.
 * One parser serves one connection and is used again for each frame: values are valid until the
 * next {@link #parse}, and the payload is a window of the buffer that was given. Not safe for
 * threads.
 */
public final class FrameParser {

  private static final int MAX_FIELD = 15;
  private static final int MAX_ELEMENTS = 160;

  // For each body, field by field from 1: a (v)arint, (b)ytes, a (r)epeated or embedded one, or
  // none.
  private static final String[] LAYOUT = new String[FrameType.values().length];

  static {
    Arrays.fill(LAYOUT, "");
    layout(FrameType.OPEN, "vvbvvvrbvrvvb-b");
    layout(FrameType.ITEM, "vvvbrbvvbv----b");
    layout(FrameType.ERROR, "vvbrv");
    layout(FrameType.CANCEL, "vv");
    layout(FrameType.CREDIT, "vvvv");
    layout(FrameType.NOTICE, "rvvbv");
    layout(FrameType.FIN, "vb");
    layout(FrameType.ACK, "vvv");
    layout(FrameType.PING, "vv");
    layout(FrameType.PONG, "vv");
    layout(FrameType.PATH_CLOSE, "bvv");
    layout(FrameType.HELLO, "vvbbbbbrrrvbv");
    layout(FrameType.WELCOME, "vbbbbbrrrvrbbvv");
    layout(FrameType.REJECT, "bvb");
    layout(FrameType.RESUME, "bbbvbbv");
    layout(FrameType.CHALLENGE, "bb");
    layout(FrameType.PROOF, "b");
    layout(FrameType.RESUMED, "vvb");
  }

  private static void layout(FrameType type, String fields) {
    LAYOUT[type.ordinal()] = fields;
  }

  private final FieldReader outer = new FieldReader();
  private final FieldReader inner = new FieldReader();
  private final TextCache texts = new TextCache();
  private final long[] numbers = new long[MAX_FIELD + 1];
  private final int[] offsets = new int[MAX_FIELD + 1];
  private final int[] lengths = new int[MAX_FIELD + 1];
  private int[] elements = new int[12];
  private int elementCount;

  private ByteBuffer in = ByteBuffer.allocate(0);
  private FrameType type = FrameType.UNKNOWN;
  private long seq;
  private String topic = "";
  private String contentType = "";
  private String encoding = "";
  private String message = "";
  private Headers headers = Headers.EMPTY;
  private List<String> accept = List.of();
  private Map<String, String> details = Map.of();

  /**
   * Reads a frame, from the buffer's position to its limit; neither moves.
   *
   * @throws MalformedFrameException if it is no frame or passes a limit of docs/wire-format.md
   */
  public void parse(ByteBuffer frame) throws MalformedFrameException {
    in = frame;
    seq = 0;
    clear(FrameType.UNKNOWN);
    outer.reset(frame, frame.position(), frame.limit());
    while (outer.next()) {
      if (outer.wireType == Varint.VARINT) {
        if (outer.field == 1) {
          seq = saturated(outer.number);
        }
        continue;
      }
      FrameType body = FrameType.ofField(outer.field);
      if (body != FrameType.UNKNOWN) {
        if (body != type) {
          clear(body);
        }
        readBody();
      }
    }
    decode();
  }

  private void clear(FrameType next) {
    String layout = LAYOUT[type.ordinal()];
    Arrays.fill(numbers, 0, layout.length() + 1, 0);
    Arrays.fill(offsets, 0, layout.length() + 1, 0);
    Arrays.fill(lengths, 0, layout.length() + 1, 0);
    elementCount = 0;
    type = next;
  }

  private void readBody() throws MalformedFrameException {
    String layout = LAYOUT[type.ordinal()];
    inner.reset(in, outer.offset, outer.offset + outer.length);
    while (inner.next()) {
      int field = inner.field;
      char sort = field <= layout.length() ? layout.charAt(field - 1) : '-';
      if (inner.wireType == Varint.VARINT) {
        if (sort == 'v') {
          numbers[field] = inner.number;
        }
      } else if (sort == 'b') {
        offsets[field] = inner.offset;
        lengths[field] = inner.length;
      } else if (sort == 'r') {
        addElement(field, inner.offset, inner.length);
      }
    }
  }

  private void addElement(int field, int offset, int length) throws MalformedFrameException {
    if (elementCount == MAX_ELEMENTS) {
      throw new MalformedFrameException("more than " + MAX_ELEMENTS + " repeated fields");
    }
    int at = elementCount * 3;
    if (at == elements.length) {
      elements = Arrays.copyOf(elements, at * 2);
    }
    elements[at] = field;
    elements[at + 1] = offset;
    elements[at + 2] = length;
    elementCount++;
  }

  private void decode() throws MalformedFrameException {
    switch (type) {
      case OPEN -> {
        topic = cached(3);
        contentType = cached(8);
        encoding = cached(13);
        headers = readHeaders(7);
        accept = strings(10, 16);
      }
      case ITEM -> {
        topic = cached(4);
        contentType = cached(6);
        encoding = cached(9);
        headers = readHeaders(5);
      }
      case ERROR -> {
        message = text(3);
        details = readDetails();
      }
      case FIN -> message = text(2);
      case PATH_CLOSE -> message = text(1);
      default -> {}
    }
  }

  private String cached(int field) throws MalformedFrameException {
    return texts.get(in, offsets[field], lengths[field]);
  }

  private String text(int field) throws MalformedFrameException {
    return FieldReader.text(in, offsets[field], lengths[field]);
  }

  private byte[] bytes(int field) {
    byte[] value = new byte[lengths[field]];
    in.get(offsets[field], value);
    return value;
  }

  private Headers readHeaders(int field) throws MalformedFrameException {
    if (elementCount == 0) {
      return Headers.EMPTY;
    }
    List<Headers.Entry> entries = new ArrayList<>();
    for (int i = 0; i < elementCount; i++) {
      if (elements[i * 3] == field) {
        String[] pair = pair(elements[i * 3 + 1], elements[i * 3 + 2]);
        try {
          entries.add(new Headers.Entry(pair[0], pair[1]));
        } catch (IllegalArgumentException e) {
          throw new MalformedFrameException(e.getMessage() == null ? "header" : e.getMessage());
        }
      }
    }
    try {
      return Headers.of(entries);
    } catch (IllegalArgumentException e) {
      throw new MalformedFrameException(e.getMessage() == null ? "headers" : e.getMessage());
    }
  }

  private Map<String, String> readDetails() throws MalformedFrameException {
    if (elementCount == 0) {
      return Map.of();
    }
    if (elementCount > 16) {
      throw new MalformedFrameException(elementCount + " details, and 16 are allowed");
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < elementCount; i++) {
      String[] pair = pair(elements[i * 3 + 1], elements[i * 3 + 2]);
      map.put(pair[0], pair[1]);
    }
    return map;
  }

  private String[] pair(int offset, int length) throws MalformedFrameException {
    String[] pair = {"", ""};
    inner.reset(in, offset, offset + length);
    while (inner.next()) {
      if (inner.wireType == Varint.BYTES && inner.field <= 2) {
        pair[inner.field - 1] = FieldReader.text(in, inner.offset, inner.length);
      }
    }
    return pair;
  }

  private List<String> strings(int field, int most) throws MalformedFrameException {
    if (elementCount == 0) {
      return List.of();
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < elementCount; i++) {
      if (elements[i * 3] == field) {
        values.add(FieldReader.text(in, elements[i * 3 + 1], elements[i * 3 + 2]));
      }
    }
    if (values.size() > most) {
      throw new MalformedFrameException(values.size() + " texts in a list of at most " + most);
    }
    return values;
  }

  private ReceiveLimits limits(int field) throws MalformedFrameException {
    long[] values = new long[5];
    for (int i = 0; i < elementCount; i++) {
      if (elements[i * 3] == field) {
        inner.reset(in, elements[i * 3 + 1], elements[i * 3 + 1] + elements[i * 3 + 2]);
        while (inner.next()) {
          if (inner.wireType == Varint.VARINT && inner.field <= 4) {
            values[inner.field] = saturated(inner.number);
          }
        }
      }
    }
    return new ReceiveLimits(values[1], values[2], values[3], values[4]);
  }

  private boolean has(FrameType one, FrameType other) {
    return type == one || type == other;
  }

  /** The body's type; UNKNOWN where this version knows none of it. */
  public FrameType type() {
    return type;
  }

  /** The sequence number, at most 2^63-1; 0 where there is none. */
  public long seq() {
    return seq;
  }

  /** The exchange of OPEN, ITEM, ERROR, CANCEL and CREDIT. */
  public long exchange() {
    return numbers[1];
  }

  /** OPEN: whether {@link #kind} is known here. */
  public boolean knownKind() {
    return Kind.known((int) numbers[2]);
  }

  /** OPEN: its kind, where it is known. */
  public Kind kind() {
    return Kind.of((int) numbers[2]);
  }

  /** OPEN and ITEM: the topic. */
  public String topic() {
    return topic;
  }

  /** OPEN: milliseconds to the deadline; 0 for none. */
  public long timeoutMillis() {
    return saturated(numbers[4]);
  }

  /** OPEN: the priority; NORMAL where it is not known here. */
  public Priority priority() {
    return switch ((int) numbers[5]) {
      case 1 -> Priority.HIGH;
      case 2 -> Priority.BULK;
      default -> Priority.NORMAL;
    };
  }

  /** OPEN and CREDIT: how many items may be sent. */
  public long items() {
    return saturated(numbers[type == FrameType.OPEN ? 6 : 3]);
  }

  /** OPEN: what happens to a full subscription; FAIL where it is not known here. */
  public OverflowPolicy overflow() {
    return switch ((int) numbers[9]) {
      case 1 -> OverflowPolicy.DROP_OLDEST;
      case 2 -> OverflowPolicy.BLOCK;
      default -> OverflowPolicy.FAIL;
    };
  }

  /** OPEN: the content types that the caller can decode. */
  public List<String> accept() {
    return accept;
  }

  /** OPEN and ITEM: the headers. */
  public Headers headers() {
    return headers;
  }

  /** OPEN and ITEM: the content type; empty where absent. */
  public String contentType() {
    return contentType;
  }

  /** OPEN and ITEM: the payload's encoding; empty where absent. */
  public String encoding() {
    return encoding;
  }

  /** OPEN and ITEM: bytes of the whole message, where this frame has only its beginning. */
  public long length() {
    return saturated(numbers[type == FrameType.OPEN ? 11 : 7]);
  }

  /** OPEN and ITEM: whether the message goes on in the next ITEM. */
  public boolean more() {
    return numbers[type == FrameType.OPEN ? 12 : 8] != 0;
  }

  /** OPEN and ITEM: the bytes of the payload in this frame. */
  public int payloadLength() {
    return has(FrameType.OPEN, FrameType.ITEM) ? lengths[15] : 0;
  }

  /** OPEN and ITEM: copies the payload. */
  public void copyPayload(byte[] target, int targetOffset) {
    in.get(offsets[15], target, targetOffset, lengths[15]);
  }

  /** ITEM: whether the sender's side ends with it. */
  public boolean last() {
    return numbers[2] != 0;
  }

  /** ITEM: whether it holds a message. */
  public boolean present() {
    return numbers[3] != 0;
  }

  /** ITEM: how many messages were dropped before it. */
  public long missed() {
    return saturated(numbers[10]);
  }

  /** ERROR, CANCEL, FIN and PATH_CLOSE: the status code. */
  public int code() {
    return (int) numbers[type == FrameType.FIN ? 1 : type == FrameType.PATH_CLOSE ? 3 : 2];
  }

  /** ERROR, FIN and PATH_CLOSE: the text. */
  public String message() {
    return message;
  }

  /** ERROR: what the handler added. */
  public Map<String, String> details() {
    return details;
  }

  /** ERROR: whether no handler saw the call. */
  public boolean notDelivered() {
    return numbers[5] != 0;
  }

  /** CREDIT: payload bytes that may be sent. */
  public long bytes() {
    return saturated(numbers[2]);
  }

  /** CREDIT: whether the responder of a channel takes no more. */
  public boolean stopSending() {
    return numbers[4] != 0;
  }

  /** ACK and PONG: the highest seq received in order. */
  public long cum() {
    return saturated(numbers[type == FrameType.ACK ? 1 : 2]);
  }

  /** ACK: one-shot exchanges that may be opened. */
  public long calls() {
    return saturated(numbers[2]);
  }

  /** ACK: streaming exchanges that may be opened. */
  public long streams() {
    return saturated(numbers[3]);
  }

  /** PING and PONG: the token. */
  public long token() {
    return numbers[1];
  }

  /** PING: the highest seq written. */
  public long sent() {
    return saturated(numbers[2]);
  }

  /** NOTICE: other endpoints of the peer. */
  public List<String> endpoints() throws MalformedFrameException {
    return strings(1, 8);
  }

  /** NOTICE: whether this side should move to another path. */
  public boolean move() {
    return numbers[2] != 0;
  }

  /** NOTICE: whether the peer opens and takes no more exchanges. */
  public boolean draining() {
    return numbers[3] != 0;
  }

  /** NOTICE: the peer's new bearer token; empty where there is none. */
  public String newToken() throws MalformedFrameException {
    return text(4);
  }

  /** NOTICE: whether this side should send a new bearer token. */
  public boolean tokenWanted() {
    return numbers[5] != 0;
  }

  /** PATH_CLOSE: whether the session is over, too. */
  public boolean over() {
    return numbers[2] != 0;
  }

  // Counters are absolute and saturate (F6): what reads as negative is beyond 2^63-1.
  private static long saturated(long value) {
    return value < 0 ? Long.MAX_VALUE : value;
  }

  /** A number of 32 bits, as protobuf reads it: what stands above them is dropped. */
  private long unsigned32(int field) {
    return Integer.toUnsignedLong((int) numbers[field]);
  }

  /** HELLO. */
  public Hello hello() throws MalformedFrameException {
    return new Hello(
        unsigned32(1),
        unsigned32(2),
        bytes(3),
        text(4),
        text(5),
        bytes(6),
        bytes(7),
        limits(8),
        strings(9, 32),
        strings(10, 32),
        unsigned32(11),
        text(12),
        unsigned32(13));
  }

  /** WELCOME. */
  public Welcome welcome() throws MalformedFrameException {
    return new Welcome(
        unsigned32(1),
        bytes(2),
        text(3),
        bytes(4),
        bytes(5),
        bytes(6),
        limits(7),
        strings(8, 32),
        strings(9, 32),
        unsigned32(10),
        strings(11, 8),
        bytes(12),
        bytes(13),
        unsigned32(14),
        numbers[15] != 0);
  }

  /** REJECT. */
  public Reject reject() throws MalformedFrameException {
    return new Reject(bytes(1), (int) numbers[2], text(3));
  }

  /** RESUME. */
  public Resume resume() throws MalformedFrameException {
    return new Resume(
        bytes(1), bytes(2), bytes(3), numbers[4], bytes(5), text(6), saturated(numbers[7]));
  }

  /** CHALLENGE. */
  public Challenge challenge() {
    return new Challenge(bytes(1), bytes(2));
  }

  /** PROOF. */
  public Proof proof() {
    return new Proof(bytes(1));
  }

  /** RESUMED. */
  public Resumed resumed() {
    return new Resumed(numbers[1], saturated(numbers[2]), bytes(3));
  }
}
