package io.carrick.core.session.state;

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
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.wire.v1.Ack;
import io.carrick.wire.v1.Cancel;
import io.carrick.wire.v1.Credit;
import io.carrick.wire.v1.Error;
import io.carrick.wire.v1.Fin;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Hello;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Notice;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.PathClose;
import io.carrick.wire.v1.Ping;
import io.carrick.wire.v1.Pong;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that cost a peer nothing and mean nothing: so many, and one more ends the session. */
class FreeFramesTest {

  private static final int MOST = FreeFrames.MOST_TOGETHER;

  /** Exchanges of the peer: 1 has ended, 3 is a channel that lives; 2 is ours, and lives. */
  private static final int OPENED = 3;

  private final SessionCore core =
      new SessionCore(
          SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 4 << 20),
          false,
          new ReceiveLimits(4 << 20, 64 << 10, 64, 64),
          true,
          0);
  private final FrameParser parser = new FrameParser();
  private final Exchange ours;
  private long seq;
  private long now;

  FreeFramesTest() throws Exception {
    receive(Frame.newBuilder().setOpen(open(1)));
    receive(Frame.newBuilder().setCancel(Cancel.newBuilder().setExchange(1)));
    receive(Frame.newBuilder().setOpen(open(3).setKind(Kind.CHANNEL)));
    ours =
        core.open(
            new Opening(
                io.carrick.core.frame.Kind.SUBSCRIBE,
                "t",
                Headers.EMPTY,
                "",
                new byte[0],
                Priority.NORMAL,
                0,
                10,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            x -> {},
            0);
    core.out.schedule(0);
    core.unsequenced(new ArrayList<>(), true, 0);
    core.out.handed(core.out.ring.unhanded());
    receive(Frame.newBuilder().setAck(Ack.newBuilder().setCum(1)));
    receive(Frame.newBuilder().setItem(Item.newBuilder().setExchange(2)));
    assertThat(core.livingCount()).isEqualTo(2);
  }

  private static Open.Builder open(long id) {
    return Open.newBuilder().setExchange(id).setKind(Kind.REQUEST).setTopic("t");
  }

  private void receive(Frame.Builder frame) throws Exception {
    boolean sequenced = frame.getBodyCase().getNumber() != 0 && frame.getBodyCase().getNumber() < 9;
    byte[] bytes = (sequenced ? frame.setSeq(++seq) : frame).build().toByteArray();
    parser.parse(ByteBuffer.wrap(bytes));
    core.onFrame(parser, bytes.length, now);
  }

  static Stream<Frame.Builder> free() {
    return Stream.of(
        Frame.newBuilder(),
        Frame.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        15,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.EMPTY)
                            .build())
                    .build()),
        Frame.newBuilder().setPing(Ping.newBuilder().setToken(7)),
        Frame.newBuilder().setPong(Pong.newBuilder().setToken(7)),
        Frame.newBuilder().setAck(Ack.newBuilder().setCum(1).setCalls(64).setStreams(64)),
        Frame.newBuilder().setHello(Hello.newBuilder()),
        Frame.newBuilder().setPathClose(PathClose.newBuilder().setReason("soon")),
        Frame.newBuilder().setNotice(Notice.newBuilder().setMove(true)),
        Frame.newBuilder().setCancel(Cancel.newBuilder().setExchange(1)),
        Frame.newBuilder().setError(Error.newBuilder().setExchange(1)),
        Frame.newBuilder().setItem(Item.newBuilder().setExchange(1).setPresent(true)),
        Frame.newBuilder().setItem(Item.newBuilder().setExchange(2)),
        Frame.newBuilder().setCredit(Credit.newBuilder().setExchange(1).setBytes(1 << 30)),
        Frame.newBuilder().setCredit(Credit.newBuilder().setExchange(3).setBytes(1)));
  }

  @ParameterizedTest
  @MethodSource("free")
  void soManyComeTogetherAndOneMoreEndsTheSession(Frame.Builder frame) throws Exception {
    for (int i = 0; i < MOST; i++) {
      receive(frame);
    }

    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(ViolationException.class)
        .hasMessage(
            "too many frames that mean nothing, the last one a %s: 16384 may come together, 1024"
                + " in a second, and 2 for each other frame",
            parser.type());
  }

  @Test
  void aSessionMayMoveAsOftenAsItLikes() throws Exception {
    Frame.Builder ping = Frame.newBuilder().setPing(Ping.newBuilder().setToken(7));
    for (int move = 0; move < MOST; move++) {
      core.breakPath("gone", now);
      core.attach(1, now);
      // What the other side says over a new connection before anything else.
      for (int i = 0; i < 6; i++) {
        receive(ping);
      }
    }

    assertThat(core.ended()).isNull();
  }

  @Test
  void aSecondFinMeansNothing() throws Exception {
    receive(Frame.newBuilder().setFin(Fin.newBuilder()));
    // It ended both exchanges, to which 10 items and two times 64 KiB were granted.
    for (int i = 0; i < MOST + 10 + 2 * 5; i++) {
      receive(Frame.newBuilder().setFin(Fin.newBuilder()));
    }

    assertThatThrownBy(() -> receive(Frame.newBuilder().setFin(Fin.newBuilder())))
        .isInstanceOf(ViolationException.class);
  }

  @Test
  void partsOfAMessageThatHoldNothingMeanNothing() throws Exception {
    receive(
        Frame.newBuilder()
            .setOpen(
                open(5)
                    .setMore(true)
                    .setLength(100)
                    .setPayload(ByteString.copyFrom(new byte[10]))));
    Frame.Builder empty =
        Frame.newBuilder().setItem(Item.newBuilder().setExchange(5).setPresent(true).setMore(true));
    for (int i = 0; i < MOST; i++) {
      receive(empty);
    }

    assertThatThrownBy(() -> receive(empty)).isInstanceOf(ViolationException.class);
  }

  @Test
  void whatIsSaidTwiceMeansNothing() throws Exception {
    Frame.Builder old = Frame.newBuilder().setSeq(1).setOpen(open(1));
    byte[] bytes = old.build().toByteArray();
    parser.parse(ByteBuffer.wrap(bytes));
    for (int i = 0; i < MOST; i++) {
      core.onFrame(parser, bytes.length, now);
    }

    assertThatThrownBy(() -> core.onFrame(parser, bytes.length, now))
        .isInstanceOf(ViolationException.class);
  }

  @Test
  void eachSecondAllowsMore() throws Exception {
    Frame.Builder ping = Frame.newBuilder().setPing(Ping.newBuilder().setToken(7));
    for (int i = 0; i < MOST; i++) {
      receive(ping);
    }
    now = 1_000_000_000L;
    for (int i = 0; i < FreeFrames.EACH_SECOND; i++) {
      receive(ping);
    }

    assertThatThrownBy(() -> receive(ping)).isInstanceOf(ViolationException.class);
  }

  @Test
  void eachFrameThatMeansSomethingAllowsTwo() throws Exception {
    Frame.Builder ping = Frame.newBuilder().setPing(Ping.newBuilder().setToken(7));
    for (int i = 0; i < MOST; i++) {
      receive(ping);
    }
    for (long id = 5; id < 25; id += 2) {
      receive(Frame.newBuilder().setOpen(open(id)));
      receive(ping);
      receive(ping);
    }

    assertThatThrownBy(() -> receive(ping)).isInstanceOf(ViolationException.class);
  }

  @Test
  void whatWasGrantedBeforeThisSideEndedItMayStillCome() throws Exception {
    Frame.Builder ping = Frame.newBuilder().setPing(Ping.newBuilder().setToken(7));
    for (int i = 0; i < MOST; i++) {
      receive(ping);
    }
    core.cancel(ours, StatusCode.CANCELLED);

    for (int i = 0; i < 10; i++) {
      receive(Frame.newBuilder().setItem(Item.newBuilder().setExchange(2).setPresent(true)));
    }
    assertThat(core.state()).isEqualTo(SessionCore.State.OPEN);
    assertThat(core.livingCount()).isEqualTo(OPENED - 2);
  }
}
