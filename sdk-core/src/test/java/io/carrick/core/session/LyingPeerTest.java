package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.PeerLimits;
import io.carrick.Principal;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.InboundMessage;
import io.carrick.core.session.state.Opening;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.PeerInfo;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A peer that says in good form what it must not loses its session, with nothing left of it. All
 * that is allowed, up to the limit itself, goes well before.
 */
class LyingPeerTest {

  private static final PeerInfo PATH =
      PeerInfo.of("test")
          .withPrincipal(new Principal("raw", "peer"))
          .withSecurity(SecurityLevel.MUTUAL);
  private static final int MAX_MESSAGE = 70_000;
  private static final int INITIAL_BYTES = 65_536;
  private static final int ITEMS = 3;

  private final Budget budget = new Budget(1L << 30);
  private final SessionRuntime runtime =
      new SessionRuntime("test", Runnable::run, budget, () -> 1_000_000_000L, false);
  private final List<Exchange> exchanges = new ArrayList<>();
  private final List<End> ends = new ArrayList<>();
  private final Raw raw = new Raw(PATH);
  private Session session;
  private long seq;

  private static SessionConfig config(String service, int instance) {
    byte[] id = new byte[16];
    id[0] = (byte) instance;
    return new SessionConfig(
        service,
        id,
        List.of(),
        MAX_MESSAGE,
        INITIAL_BYTES,
        INITIAL_BYTES,
        2,
        2,
        256,
        1 << 20,
        1_024,
        8,
        1 << 20,
        600_000_000_000L,
        5_000_000_000L,
        Resumption.DEFAULT,
        Tokens.NONE,
        PeerLimits.DEFAULT,
        null);
  }

  /** The session has opened a request, 2, and a stream, 4; a channel of the peer gets demand. */
  @BeforeEach
  void open() {
    SessionEvents events =
        new SessionEvents() {
          @Override
          public void opened(Session s, Exchange x) {
            exchanges.add(x);
            s.exchanges().adopt(x, y -> {});
            if (x.incoming().kind() == io.carrick.core.frame.Kind.CHANNEL) {
              s.exchanges().request(x, ITEMS);
            }
          }

          @Override
          public void ended(Session s, End reason) {
            ends.add(reason);
          }
        };
    Session.accept(raw, config("server", 1), runtime, events, s -> session = s);
    raw.say(FrameWriter.hello(HandshakeFrames.hello(config("liar", 2), "", KeyShare.create(), "")));
    exchanges.add(opened(io.carrick.core.frame.Kind.REQUEST));
    exchanges.add(opened(io.carrick.core.frame.Kind.STREAM));
  }

  private Exchange opened(io.carrick.core.frame.Kind kind) {
    return session
        .exchanges()
        .open(
            new Opening(
                kind,
                "a",
                Headers.EMPTY,
                "",
                new byte[0],
                Priority.NORMAL,
                0,
                ITEMS,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            x -> {});
  }

  private void say(Frame.Builder said) {
    Frame.Builder frame = said.clone();
    boolean sequenced = frame.getBodyCase().getNumber() <= Frame.FIN_FIELD_NUMBER;
    if (sequenced && frame.getSeq() == 0) {
      frame.setSeq(++seq);
    }
    raw.say(frame.build().toByteArray());
  }

  private static Frame.Builder frame(Consumer<Frame.Builder> body) {
    Frame.Builder frame = Frame.newBuilder();
    body.accept(frame);
    return frame;
  }

  private static Frame.Builder open(long exchange, Kind kind) {
    return frame(f -> f.getOpenBuilder().setExchange(exchange).setKind(kind).setTopic("a"));
  }

  private static Frame.Builder part(long exchange, int length, int bytes) {
    Frame.Builder frame = open(exchange, Kind.REQUEST);
    frame.getOpenBuilder().setLength(length).setMore(true).setPayload(payload(bytes));
    return frame;
  }

  private static Frame.Builder item(long exchange, int bytes) {
    return frame(
        f -> f.getItemBuilder().setExchange(exchange).setPresent(true).setPayload(payload(bytes)));
  }

  private static Frame.Builder last(long exchange) {
    return frame(f -> f.getItemBuilder().setExchange(exchange).setLast(true));
  }

  private static Frame.Builder ack(long cum) {
    return frame(f -> f.getAckBuilder().setCum(cum));
  }

  private static Frame.Builder credit(long exchange, long bytes, long items) {
    return frame(f -> f.getCreditBuilder().setExchange(exchange).setBytes(bytes).setItems(items));
  }

  private static ByteString payload(int bytes) {
    return ByteString.copyFrom(new byte[bytes]);
  }

  private static Arguments lie(
      String name, List<Frame.Builder> allowed, Frame.Builder lie, String message) {
    return arguments(name, allowed, lie, message);
  }

  static Stream<Arguments> lies() {
    Frame.Builder request = open(1, Kind.REQUEST);
    Frame.Builder channel = open(1, Kind.CHANNEL);
    return Stream.of(
        lie("wrong parity", List.of(), open(2, Kind.REQUEST), "OPEN of exchange 2 after 0"),
        lie(
            "a number twice",
            List.of(request),
            open(1, Kind.REQUEST),
            "OPEN of exchange 1 after 1"),
        lie(
            "a lower number",
            List.of(open(3, Kind.REQUEST)),
            open(1, Kind.REQUEST),
            "OPEN of exchange 1 after 3"),
        lie(
            "more calls than granted",
            List.of(request, open(3, Kind.SEND), open(5, Kind.STREAM), open(7, Kind.STREAM)),
            open(9, Kind.PUBLISH),
            "OPEN of exchange 9 beyond the granted number"),
        lie(
            "more streams than granted",
            List.of(channel, open(3, Kind.STREAM), open(5, Kind.SEND), open(7, Kind.SEND)),
            open(9, Kind.SUBSCRIBE),
            "OPEN of exchange 9 beyond the granted number"),
        lie(
            "an ACK of more than was sent",
            List.of(ack(2)),
            ack(3),
            "ACK of 3, and the highest sent is 2"),
        lie(
            "a PONG that acknowledges more",
            List.of(frame(f -> f.getPongBuilder().setCum(2))),
            frame(f -> f.getPongBuilder().setCum(3)),
            "ACK of 3"),
        lie(
            "more items than asked, of a stream",
            List.of(item(4, 1), item(4, 1), item(4, 1)),
            item(4, 1),
            "STREAM 4 sent more than the 3 items asked"),
        lie(
            "more items than asked, of a channel",
            List.of(channel, item(1, 1), item(1, 1), item(1, 1)),
            item(1, 0),
            "CHANNEL 1 sent more than the 3 items asked"),
        lie(
            "more bytes than granted",
            List.of(channel, item(1, 32_768), item(1, 32_768)),
            item(1, 1),
            "CHANNEL 1 received 1 bytes beyond its credit of 65536"),
        lie(
            "an item after the last one",
            List.of(channel, last(1)),
            item(1, 1),
            "ITEM after the last one of CHANNEL 1"),
        lie(
            "an item of a request",
            List.of(request),
            item(1, 1),
            "ITEM after the last one of REQUEST 1"),
        lie(
            "two answers",
            List.of(),
            item(2, 1),
            "REQUEST 2 was answered by more than one message"),
        lie(
            "an item that is nothing",
            List.of(),
            frame(f -> f.getItemBuilder().setExchange(2)),
            "holds no message and ends nothing"),
        lie(
            "an exchange of the peer that nobody opened",
            List.of(),
            item(1, 1),
            "exchange 1, which nobody opened"),
        lie(
            "an exchange of ours that nobody opened",
            List.of(),
            item(6, 1),
            "exchange 6, which nobody opened"),
        lie("no exchange", List.of(), item(0, 1), "exchange 0, which nobody opened"),
        lie(
            "credit for what nobody opened",
            List.of(credit(4, 1, 1)),
            credit(6, 1, 1),
            "CREDIT for exchange 6, which nobody opened"),
        lie(
            "an error of the opener",
            List.of(request),
            frame(f -> f.getErrorBuilder().setExchange(1).setCode(2)),
            "ERROR from the opener of REQUEST 1"),
        lie(
            "a cancel of the responder",
            List.of(),
            frame(f -> f.getCancelBuilder().setExchange(2)),
            "CANCEL from the responder of REQUEST 2"),
        lie(
            "a first part that is all",
            List.of(part(1, 11, 10)),
            part(3, 10, 10),
            "declares 10 bytes, and its first frame of 10 is not all"),
        lie(
            "longer than declared",
            List.of(part(1, 11, 10), item(1, 1), part(3, 11, 10)),
            item(3, 2),
            "longer than the 11 bytes declared"),
        lie(
            "shorter than declared",
            List.of(part(1, 12, 10)),
            item(1, 1),
            "ended after 11 of the 12 bytes declared"),
        lie(
            "a token that nobody asked for",
            List.of(frame(f -> f.getNoticeBuilder().setMove(true))),
            frame(f -> f.getNoticeBuilder().setToken("t")),
            "a token that nobody asked for"),
        lie(
            "a handshake in the session",
            List.of(),
            frame(f -> f.getResumeBuilder().setEpoch(1)),
            "RESUME"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void aLieEndsTheSessionAndLeavesNothing(
      String name, List<Frame.Builder> allowed, Frame.Builder lie, String message)
      throws Exception {
    allowed.forEach(this::say);
    assertThat(ends).as("what is allowed is taken").isEmpty();
    assertThat(session.isOpen()).isTrue();

    say(lie);

    assertLost(message);
  }

  @Test
  void aLengthBeyondItsMessageEndsTheSession() throws Exception {
    say(open(1, Kind.CHANNEL));
    byte[] item = item(1, 10).setSeq(2).build().toByteArray();
    // Field 15 of ITEM, 10 bytes: the last of them are not there.
    item[item.length - 11] = 11;

    raw.say(item);

    assertLost("");
  }

  @Test
  void aSequencedFrameWithoutItsNumberEndsTheSession() throws Exception {
    raw.say(open(1, Kind.REQUEST).build().toByteArray());

    assertLost("OPEN without a sequence number");
  }

  private void assertLost(String message) throws Exception {
    assertThat(ends).hasSize(1);
    assertThat(ends.get(0).cause()).isEqualTo(End.Cause.SESSION_LOST);
    assertThat(ends.get(0).code()).isEqualTo(StatusCode.INTERNAL);
    assertThat(ends.get(0).message()).contains("liar broke the protocol").contains(message);
    FrameParser told = raw.read();
    assertThat(told.type()).isEqualTo(FrameType.PATH_CLOSE);
    assertThat(told.over()).isTrue();
    assertThat(told.code()).isEqualTo(StatusCode.INTERNAL.number());
    assertThat(raw.closed).isTrue();
    assertThat(session.isOver()).isTrue();
    assertThat(exchanges).allSatisfy(x -> assertThat(x.end()).isNotNull());
    assertThat(session.openExchanges()).isZero();
    assertThat(runtime.sessions()).isEmpty();
    assertThat(budget.used()).isZero();
    assertThat(session.core.in.partBytes).isZero();
    assertThat(session.core.in.reservedBytes()).isZero();
    assertThat(session.core.out.queuedBytes).isZero();
    assertThat(session.core.out.waitingCalls).isZero();
  }

  @Test
  void whatIsLowerThanKnownIsOldNews() {
    say(credit(4, 100_000, 10));
    say(credit(4, 1, 1));
    say(ack(2));
    say(ack(1));

    assertThat(session.isOpen()).isTrue();
    assertThat(exchanges.get(1).bytesAllowed).isEqualTo(100_000);
    assertThat(exchanges.get(1).itemsAllowed).isEqualTo(10);
    assertThat(session.core.out.ring.acked()).isEqualTo(2);
  }

  /** What a connection lost is no lie: the session waits for another one. */
  @Test
  void aGapBreaksTheConnectionOnly() {
    say(open(1, Kind.REQUEST));
    say(frame(f -> f.getPingBuilder().setToken(1).setSent(1)));
    assertThat(session.isAttached()).isTrue();

    say(frame(f -> f.getPingBuilder().setToken(2).setSent(2)));

    assertThat(session.isAttached()).isFalse();
    assertThat(raw.closed).isTrue();
    assertThat(ends).isEmpty();
  }

  @Test
  void theLargestMessageIsTakenAndALongerOneIsRefusedAtItsFirstFrame() throws Exception {
    say(part(1, MAX_MESSAGE, 60_000));
    say(item(1, MAX_MESSAGE - 60_000));
    InboundMessage message = session.exchanges().poll(exchanges.get(2));
    assertThat(message.payload()).hasSize(MAX_MESSAGE);

    say(part(3, MAX_MESSAGE + 1, 10));

    assertThat(session.isOpen()).isTrue();
    Frame answer = Frame.parseFrom(raw.last());
    assertThat(answer.getError().getExchange()).isEqualTo(3);
    assertThat(answer.getError().getCode()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED.number());
    assertThat(answer.getError().getNotDelivered()).isTrue();
  }
}
