package io.carrick.core.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Welcome;
import io.carrick.core.session.state.CallHead;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.ReplayRing;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.ViolationException;
import io.carrick.spi.Compression;
import io.carrick.spi.PeerInfo;
import io.carrick.wire.v1.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A peer of another version is answered as the table in docs/wire-format.md says. */
class VersionsTest {

  private static final long NOW = 1_000_000_000L;
  private static final byte[] INSTANCE = new byte[16];
  private static final SessionConfig CONFIG =
      SessionConfig.defaults("new", INSTANCE, List.of("text/plain"), 4 << 20);
  private static final ReceiveLimits LIMITS = new ReceiveLimits(4 << 20, 64 << 10, 64, 64);

  private final FrameParser parser = new FrameParser();
  private final SessionCore core = new SessionCore(CONFIG, false, LIMITS, false, NOW);
  private final SessionCore opener = new SessionCore(CONFIG, true, LIMITS, false, NOW);

  private static UnknownFieldSet unknown(int field) {
    return UnknownFieldSet.newBuilder()
        .addField(
            field,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8("from a newer version"))
                .build())
        .build();
  }

  private static Frame.Builder frame(long seq) {
    return Frame.newBuilder().setSeq(seq);
  }

  private void receive(SessionCore by, Frame frame) throws Exception {
    byte[] bytes = frame.toByteArray();
    parser.parse(ByteBuffer.wrap(bytes));
    by.onFrame(parser, bytes.length, NOW);
  }

  private void receive(Frame.Builder frame) throws Exception {
    receive(core, frame.build());
  }

  private static List<Frame> written(SessionCore by) throws Exception {
    by.out.schedule(NOW);
    List<byte[]> frames = new ArrayList<>();
    by.unsequenced(frames, true, NOW);
    ByteBuffer ring = by.out.ring.buffer();
    int offset = by.out.ring.handOffset();
    int count = by.out.ring.unhanded();
    for (int i = 0; i < count; i++) {
      offset = ReplayRing.skipWrap(ring, offset);
      byte[] frame = new byte[ring.getInt(offset)];
      ring.get(offset + Integer.BYTES, frame);
      frames.add(frame);
      offset += Integer.BYTES + frame.length;
    }
    by.out.ring.handed(count);
    List<Frame> parsed = new ArrayList<>();
    for (byte[] frame : frames) {
      parsed.add(Frame.parseFrom(frame));
    }
    return parsed;
  }

  private static Frame only(List<Frame> frames, Frame.BodyCase body) {
    List<Frame> found = frames.stream().filter(f -> f.getBodyCase() == body).toList();
    assertThat(found).as(frames.toString()).hasSize(1);
    return found.get(0);
  }

  private static io.carrick.wire.v1.Open.Builder request(Frame.Builder frame, long exchange) {
    return frame
        .getOpenBuilder()
        .setExchange(exchange)
        .setKind(io.carrick.wire.v1.Kind.REQUEST)
        .setTopic("a");
  }

  @Test
  void anUnknownFrameWithoutSeqIsIgnored() throws Exception {
    receive(Frame.newBuilder().setUnknownFields(unknown(15)));

    assertThat(core.state()).isEqualTo(SessionCore.State.OPEN);
    assertThat(written(core)).noneMatch(Frame::hasAck);
  }

  @Test
  void anUnknownFrameWithSeqIsCountedAcknowledgedAndIgnored() throws Exception {
    receive(frame(1).setUnknownFields(unknown(15)));
    Frame.Builder next = frame(2);
    request(next, 1);
    receive(next);

    assertThat(only(written(core), Frame.BodyCase.ACK).getAck().getCum()).isEqualTo(2);
    assertThat(core.livingCount()).isEqualTo(1);
  }

  @Test
  void unknownFieldsAreIgnored() throws Exception {
    Frame.Builder open = frame(1).setUnknownFields(unknown(300));
    request(open, 1)
        .setPayload(ByteString.copyFromUtf8("hello"))
        .setUnknownFields(unknown(99))
        .addHeaders(
            io.carrick.wire.v1.Header.newBuilder()
                .setName("n")
                .setValue("v")
                .setUnknownFields(unknown(3)));

    receive(open);

    InboundMessage message = core.poll(core.takeReady());
    assertThat(message.payload()).asString().isEqualTo("hello");
    assertThat(message.headers()).isEqualTo(Headers.of("n", "v"));
  }

  @Test
  void anUnknownKindIsAnsweredUnimplementedAndItsItemsAreIgnored() throws Exception {
    Frame.Builder open = frame(1);
    open.getOpenBuilder().setExchange(1).setKindValue(77).setTopic("a");
    Frame.Builder item = frame(2);
    item.getItemBuilder().setExchange(1).setPresent(true).setUnknownFields(unknown(40));

    receive(open);
    receive(item);
    List<Frame> answer = written(core);
    receive(item.setSeq(3));

    io.carrick.wire.v1.Error error = only(answer, Frame.BodyCase.ERROR).getError();
    assertThat(error.getExchange()).isEqualTo(1);
    assertThat(error.getCode()).isEqualTo(StatusCode.UNIMPLEMENTED.number());
    assertThat(error.getNotDelivered()).isTrue();
    assertThat(error.getMessage()).contains("not known here");
    assertThat(core.takeReady()).isNull();
    assertThat(core.livingCount()).isZero();
  }

  @Test
  void anEncodingThatWasNotOfferedIsAnsweredUnimplementedInOpen() throws Exception {
    Frame.Builder open = frame(1);
    request(open, 1).setEncoding("zstd");

    receive(open);

    io.carrick.wire.v1.Error error = only(written(core), Frame.BodyCase.ERROR).getError();
    assertThat(error.getCode()).isEqualTo(StatusCode.UNIMPLEMENTED.number());
    assertThat(error.getNotDelivered()).isTrue();
    assertThat(error.getMessage()).isEqualTo("payload encoding \"zstd\" was not offered");
    assertThat(core.takeReady()).isNull();
  }

  @Test
  void anEncodingThatWasOfferedIsUndoneWhereTheMessageIsWanted() throws Exception {
    SessionCore offers =
        new SessionCore(CONFIG.withCompression(new Doubling()), false, LIMITS, false, NOW);
    Frame.Builder open = frame(1);
    request(open, 1).setEncoding("doubling").setPayload(ByteString.copyFromUtf8("ab"));

    receive(offers, open.build());

    InboundMessage message = offers.poll(offers.takeReady());
    assertThat(message.payload()).asString().isEqualTo("ab");
    assertThat(message.message("t").text()).isEqualTo("abab");
  }

  /** Says everything twice, where it may. */
  private static final class Doubling implements Compression {

    @Override
    public List<String> encodings() {
      return List.of("doubling");
    }

    @Override
    public Sender sender(List<String> theirs) {
      return (path, contentType, payload) -> Optional.empty();
    }

    @Override
    public byte[] decompress(String encoding, byte[] block, int maxBytes) {
      assertThat(maxBytes).isEqualTo(4 << 20);
      return new String(block, UTF_8).repeat(2).getBytes(UTF_8);
    }
  }

  @Test
  void anEncodingThatWasNotOfferedIsAViolationInItem() throws Exception {
    request(opener);
    Frame.Builder item = frame(1);
    item.getItemBuilder().setExchange(1).setPresent(true).setLast(true).setEncoding("zstd");

    assertThatThrownBy(() -> receive(opener, item.build()))
        .isInstanceOf(ViolationException.class)
        .hasMessageContaining("zstd");
  }

  private static Exchange request(SessionCore by) throws Exception {
    Exchange x =
        by.open(
            new Opening(
                Kind.REQUEST,
                "a",
                Headers.EMPTY,
                "",
                new byte[0],
                Priority.NORMAL,
                0,
                0,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            exchange -> {},
            NOW);
    assertThat(only(written(by), Frame.BodyCase.OPEN).getOpen().getExchange()).isEqualTo(1);
    return x;
  }

  @Test
  void anUnknownStatusCodeBecomesUnknown() throws Exception {
    Exchange x = request(opener);
    Frame.Builder error = frame(1);
    error.getErrorBuilder().setExchange(1).setCode(99).setMessage("new kind of failure");

    receive(opener, error.build());

    assertThat(x.end().code()).isEqualTo(StatusCode.UNKNOWN);
    assertThat(x.end().message()).isEqualTo("new kind of failure");
  }

  @Test
  void anUnknownStatusCodeInCancelBecomesCancelled() throws Exception {
    Frame.Builder open = frame(1);
    request(open, 1);
    receive(open);
    Exchange x = core.takeReady();
    Frame.Builder cancel = frame(2);
    cancel.getCancelBuilder().setExchange(1).setCode(99);

    receive(cancel);

    assertThat(x.end().code()).isEqualTo(StatusCode.CANCELLED);
  }

  @Test
  void unknownPriorityAndOverflowBecomeTheDefaults() throws Exception {
    Frame.Builder open = frame(1);
    request(open, 1).setPriorityValue(9).setOverflowValue(9);

    receive(open);

    CallHead incoming = core.takeReady().incoming();
    assertThat(incoming.priority()).isEqualTo(Priority.NORMAL);
    assertThat(incoming.overflow()).isEqualTo(OverflowPolicy.FAIL);
  }

  @Test
  void aSequencedTypeWithoutSeqIsAViolation() {
    assertThatThrownBy(() -> receive(request(Frame.newBuilder(), 1).build()))
        .isInstanceOf(ViolationException.class)
        .hasMessage("OPEN without a sequence number");
  }

  private void receive(io.carrick.wire.v1.Open open) throws Exception {
    receive(Frame.newBuilder().setOpen(open));
  }

  @Test
  void aPeerWithoutACommonVersionIsRejectedWithTheVersionsOfBoth() {
    Reject reject = HandshakeFrames.refuse(hello(2, 3), CONFIG, PATH);

    assertThat(reject.code()).isEqualTo(StatusCode.FAILED_PRECONDITION.number());
    assertThat(reject.message()).contains("versions 2 to 3").contains("speaks 1");
    assertThat(reject.instance()).isEqualTo(INSTANCE);
  }

  @Test
  void aPeerThatSpeaksThisVersionAmongOthersIsTaken() {
    assertThat(HandshakeFrames.refuse(hello(1, 7), CONFIG, PATH)).isNull();
  }

  @Test
  void aVersionThatWasNotOfferedIsRefused() {
    assertThat(HandshakeFrames.refuse(welcome(2), ""))
        .hasMessageContaining("the peer chose version 2 of the wire, this side speaks 1");
    assertThat(HandshakeFrames.refuse(welcome(1), "")).isNull();
  }

  private static final PeerInfo PATH = PeerInfo.of("test");

  private static Hello hello(int min, int max) {
    byte[] none = {};
    return new Hello(
        min, max, INSTANCE, "peer", "", new byte[32], none, LIMITS, List.of(), List.of(), 0, "", 0);
  }

  private static Welcome welcome(int version) {
    byte[] none = {};
    return new Welcome(
        version,
        INSTANCE,
        "peer",
        new byte[16],
        new byte[32],
        none,
        LIMITS,
        List.of(),
        List.of(),
        0,
        List.of(),
        none,
        none,
        0,
        false);
  }
}
