package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.session.Exchanges;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each side lets the other send (F5, F6): it never falls, and grows within the budget. */
final class CreditTest {

  private static final int INITIAL = 64 << 10;
  private static final int GRANTED = 2;

  private final SessionConfig config =
      SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 1 << 20);
  private final SessionCore core =
      new SessionCore(config, true, new ReceiveLimits(1 << 20, INITIAL, GRANTED, GRANTED), true, 0);
  private final FrameParser parser = new FrameParser();
  private long theirSeq;

  private Exchange open(Kind kind) {
    return core.open(
        new Opening(
            kind,
            "t",
            Headers.EMPTY,
            "",
            new byte[10],
            Priority.NORMAL,
            0,
            1,
            OverflowPolicy.FAIL,
            List.of(),
            SecurityLevel.NONE,
            ""),
        x -> {},
        0);
  }

  private int write() {
    core.out.schedule(0);
    int frames = core.out.ring.unhanded();
    core.out.handed(frames);
    return frames;
  }

  private void receive(byte[] frame) throws Exception {
    parser.parse(ByteBuffer.wrap(frame));
    core.onFrame(parser, frame.length, 0);
  }

  private void receiveSequenced(byte[] body) throws Exception {
    ByteBuffer frame = ByteBuffer.allocate(FrameWriter.sequencedSize(++theirSeq, body));
    FrameWriter.sequenced(frame, theirSeq, body);
    receive(frame.array());
  }

  private void receiveItem(Exchange x, int bytes) throws Exception {
    ByteBuffer frame = ByteBuffer.allocate(bytes + 256);
    byte[] head = FrameWriter.itemHead("t", Headers.EMPTY, "text/plain", "");
    FrameWriter.item(
        frame, ++theirSeq, x.id, false, true, head, 0, false, 0, new byte[bytes], 0, bytes);
    frame.flip();
    parser.parse(frame);
    core.onFrame(parser, bytes, 0);
  }

  @Test
  void aGrantThatSaysLessThanBeforeTakesNothingAway() throws Exception {
    receive(FrameWriter.ack(0, 1, GRANTED + 1));
    receive(FrameWriter.ack(0, GRANTED + 2, 1));

    for (int i = 0; i < GRANTED + 3; i++) {
      open(Kind.REQUEST);
      open(Kind.STREAM);
    }

    assertThat(write()).isEqualTo(GRANTED + 2 + GRANTED + 1);
  }

  @Test
  void oneSideOfACreditThatSaysLessThanBeforeTakesNothingAway() throws Exception {
    Exchange channel = open(Kind.CHANNEL);
    write();
    receiveSequenced(FrameWriter.credit(channel.id, INITIAL + 1_000, 5, false));
    receiveSequenced(FrameWriter.credit(channel.id, INITIAL + 2_000, 3, false));
    receiveSequenced(FrameWriter.credit(channel.id, 1_000, 6, false));

    byte[] head = FrameWriter.itemHead("t", Headers.EMPTY, "", "");
    for (int i = 0; i < 7; i++) {
      core.send(channel, OutMessage.item(head, new byte[1], false, 0));
    }

    assertThat(write()).isEqualTo(6);
    assertThat(channel.bytesAllowed).isEqualTo(INITIAL + 2_000);
  }

  @Test
  void aPublisherIsAskedFor32ItemsThatHaveNotCome() throws Exception {
    Exchange channel = open(Kind.CHANNEL);
    write();
    receiveSequenced(FrameWriter.credit(channel.id, INITIAL, 100, false));

    assertThat(core.out.supply(channel)).isEqualTo(32);
    assertThat(core.out.supply(channel)).isZero();
  }

  @Test
  void onlyTheItemsOfAChannelOfThisSideAreStoppedByThePeer() throws Exception {
    Exchange channel = open(Kind.CHANNEL);
    Exchange request = open(Kind.REQUEST);
    write();
    receiveSequenced(FrameWriter.credit(channel.id, INITIAL, 100, false));
    assertThat(core.out.supply(channel)).isEqualTo(32);

    receiveSequenced(FrameWriter.credit(channel.id, 0, 0, true));
    receiveSequenced(FrameWriter.credit(request.id, 0, 0, true));

    assertThat(core.out.supply(channel)).isEqualTo(Exchanges.STOPPED);
    assertThat(core.out.supply(request)).isZero();
  }

  @Test
  void aWindowGrowsWhileTheBudgetHasRoomAndNotAbove() throws Exception {
    Exchange stream = open(Kind.STREAM);
    write();
    core.in.demand(stream, 10);
    int before = stream.byteWindow;

    core.mayGrow(false);
    receiveItem(stream, before / 2);
    core.poll(stream);
    assertThat(stream.byteWindow).isEqualTo(before);
    assertThat(stream.bytesGranted).as("it is given back").isGreaterThan(before);

    core.mayGrow(true);
    receiveItem(stream, before / 2);
    core.poll(stream);
    assertThat(stream.byteWindow).isEqualTo(2 * before);
  }

  @Test
  void aPeerThatDrainsIsHeard() throws Exception {
    receiveSequenced(FrameWriter.notice(List.of(), false, false));
    assertThat(core.peerDraining()).isFalse();
    receiveSequenced(FrameWriter.notice(List.of(), false, true));
    receiveSequenced(FrameWriter.notice(List.of(), false, false));

    assertThat(core.peerDraining()).isTrue();
  }
}
