package io.carrick.core.frame;

import io.carrick.Headers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the fields of a frame: the numbers of its body, and where in the buffer the rest of them
 * is. What they mean, {@link FrameParser} says. Not safe for threads.
 */
abstract class FrameScanner {

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
  final long[] numbers = new long[MAX_FIELD + 1];
  final int[] offsets = new int[MAX_FIELD + 1];
  final int[] lengths = new int[MAX_FIELD + 1];
  private int[] elements = new int[12];
  private int elementCount;

  ByteBuffer in = ByteBuffer.allocate(0);
  FrameType type = FrameType.UNKNOWN;
  long seq;

  /**
   * Reads a frame, from the buffer's position to its limit; neither moves.
   *
   * @throws MalformedFrameException if it is no frame or passes a limit of docs/wire-format.md
   */
  public final void parse(ByteBuffer frame) throws MalformedFrameException {
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

  /** Reads what is read with each frame. */
  abstract void decode() throws MalformedFrameException;

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

  final String cached(int field) throws MalformedFrameException {
    return texts.get(in, offsets[field], lengths[field]);
  }

  final String text(int field) throws MalformedFrameException {
    return FieldReader.text(in, offsets[field], lengths[field]);
  }

  final byte[] bytes(int field) {
    byte[] value = new byte[lengths[field]];
    in.get(offsets[field], value);
    return value;
  }

  final Headers readHeaders(int field) throws MalformedFrameException {
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

  final Map<String, String> readDetails() throws MalformedFrameException {
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

  final List<String> strings(int field, int most) throws MalformedFrameException {
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

  final ReceiveLimits limits(int field) throws MalformedFrameException {
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

  // Counters are absolute and saturate (F6): what reads as negative is beyond 2^63-1.
  static long saturated(long value) {
    return value < 0 ? Long.MAX_VALUE : value;
  }

  /** A number of 32 bits, as protobuf reads it: what stands above them is dropped. */
  final long unsigned32(int field) {
    return Integer.toUnsignedLong((int) numbers[field]);
  }
}
