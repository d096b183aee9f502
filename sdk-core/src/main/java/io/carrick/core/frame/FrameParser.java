package io.carrick.core.frame;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import java.util.List;
import java.util.Map;

/**
 * Parses frames as protobuf does: fields in any order, repeated, unknown, in non-minimal varints.
 * One parser serves one connection and is used again for each frame: values are valid until the
 * next {@code parse}, and the payload is a window of the buffer that was given. Not safe for
 * threads.
 */
public final class FrameParser extends FrameScanner {

  private String topic = "";
  private String contentType = "";
  private String encoding = "";
  private String message = "";
  private Headers headers = Headers.EMPTY;
  private List<String> accept = List.of();
  private Map<String, String> details = Map.of();

  @Override
  void decode() throws MalformedFrameException {
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
