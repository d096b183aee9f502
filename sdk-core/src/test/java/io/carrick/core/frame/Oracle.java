package io.carrick.core.frame;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.carrick.wire.v1.Error;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Header;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Limits;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Priority;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the generated classes find in bytes, and what docs/wire-format.md makes of it. */
final class Oracle {

  private static final Parser<Frame> PARSER = DiscardUnknownFieldsParser.wrap(Frame.parser());

  private Oracle() {}

  /** The frame as a reader of this version sees it; fails where protobuf refuses the bytes. */
  static Frame parse(byte[] bytes) throws InvalidProtocolBufferException {
    PARSER.parseFrom(bytes);
    return normal(PARSER.parseFrom(withoutReplacedBodies(bytes)));
  }

  // Generated Java remembers a body that another type replaced, and merges the next of its type
  // with it, against the specification of oneof: so it never sees replaced bodies.
  private static byte[] withoutReplacedBodies(byte[] frame) {
    List<byte[]> kept = new ArrayList<>();
    int body = 0;
    for (byte[] field : WireBytes.fields(frame)) {
      int number = WireBytes.number(field);
      if (isBody(field)) {
        if (number != body) {
          kept.removeIf(Oracle::isBody);
        }
        body = number;
      }
      kept.add(field);
    }
    return WireBytes.join(kept);
  }

  private static boolean isBody(byte[] field) {
    return WireBytes.wireType(field) == 2
        && FrameType.ofField(WireBytes.number(field)) != FrameType.UNKNOWN;
  }

  private static Frame normal(Frame frame) {
    Frame.Builder f = frame.toBuilder().setSeq(saturated(frame.getSeq()));
    switch (frame.getBodyCase()) {
      case OPEN -> open(f.getOpenBuilder());
      case ITEM -> item(f.getItemBuilder());
      case ERROR -> error(f.getErrorBuilder());
      case CREDIT ->
          f.getCreditBuilder()
              .setBytes(saturated(frame.getCredit().getBytes()))
              .setItems(saturated(frame.getCredit().getItems()));
      case ACK ->
          f.getAckBuilder()
              .setCum(saturated(frame.getAck().getCum()))
              .setCalls(saturated(frame.getAck().getCalls()))
              .setStreams(saturated(frame.getAck().getStreams()));
      case PING -> f.getPingBuilder().setSent(saturated(frame.getPing().getSent()));
      case PONG -> f.getPongBuilder().setCum(saturated(frame.getPong().getCum()));
      case HELLO -> f.getHelloBuilder().setLimits(limits(frame.getHello().getLimits()));
      case WELCOME -> f.getWelcomeBuilder().setLimits(limits(frame.getWelcome().getLimits()));
      case RESUME -> f.getResumeBuilder().setCum(saturated(frame.getResume().getCum()));
      case RESUMED -> f.getResumedBuilder().setCum(saturated(frame.getResumed().getCum()));
      default -> {}
    }
    return f.build();
  }

  private static long saturated(long value) {
    return value < 0 ? Long.MAX_VALUE : value;
  }

  private static Limits limits(Limits l) {
    return Limits.newBuilder()
        .setMaxMessageBytes(saturated(l.getMaxMessageBytes()))
        .setInitialBytes(saturated(l.getInitialBytes()))
        .setCalls(saturated(l.getCalls()))
        .setStreams(saturated(l.getStreams()))
        .build();
  }

  private static void open(Open.Builder o) {
    o.setKindValue(o.getKindValue() >= 1 && o.getKindValue() <= 6 ? o.getKindValue() : 0);
    o.setTimeoutMillis(saturated(o.getTimeoutMillis()));
    o.setItems(saturated(o.getItems())).setLength(saturated(o.getLength()));
    if (o.getPriority() == Priority.UNRECOGNIZED) {
      o.setPriorityValue(0);
    }
    o.setOverflowValue(
        o.getOverflowValue() >= 0 && o.getOverflowValue() <= 2 ? o.getOverflowValue() : 0);
    o.getHeadersBuilderList().forEach(h -> h.setName(h.getName().toLowerCase(Locale.ROOT)));
  }

  private static void item(Item.Builder i) {
    i.setLength(saturated(i.getLength())).setMissed(saturated(i.getMissed()));
    i.getHeadersBuilderList().forEach(h -> h.setName(h.getName().toLowerCase(Locale.ROOT)));
  }

  private static void error(Error.Builder e) {
    Map<String, String> details = new LinkedHashMap<>();
    e.getDetailsList().forEach(d -> details.put(d.getName(), d.getValue()));
    if (e.getDetailsCount() <= 16) {
      e.clearDetails();
      details.forEach((n, v) -> e.addDetails(Header.newBuilder().setName(n).setValue(v)));
    }
  }

  /** Whether a limit of docs/wire-format.md allows a reader to refuse this frame. */
  static boolean passesLimit(Frame f) {
    return switch (f.getBodyCase()) {
      case OPEN -> headers(f.getOpen().getHeadersList()) || f.getOpen().getAcceptCount() > 16;
      case ITEM -> headers(f.getItem().getHeadersList());
      case ERROR -> f.getError().getDetailsCount() > 16;
      case NOTICE -> f.getNotice().getEndpointsCount() > 8;
      case HELLO ->
          f.getHello().getContentTypesCount() > 32 || f.getHello().getEncodingsCount() > 32;
      case WELCOME ->
          f.getWelcome().getContentTypesCount() > 32
              || f.getWelcome().getEncodingsCount() > 32
              || f.getWelcome().getEndpointsCount() > 8;
      default -> false;
    };
  }

  /**
   * Whether ten bytes in a row say that a number goes on: generated Java takes the tenth for its
   * end.
   */
  static boolean mayHoldALongNumber(byte[] frame) {
    int inARow = 0;
    for (byte each : frame) {
      inARow = each < 0 ? inARow + 1 : 0;
      if (inARow == 10) {
        return true;
      }
    }
    return false;
  }

  private static boolean headers(List<Header> headers) {
    int bytes = 0;
    boolean bad = headers.size() > 64;
    for (Header h : headers) {
      bad |= !h.getName().matches("[a-zA-Z0-9._-]{1,64}");
      bad |= h.getValue().codePoints().anyMatch(Character::isISOControl);
      bytes += h.getName().length() + h.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    return bad || bytes > 8_192;
  }
}
