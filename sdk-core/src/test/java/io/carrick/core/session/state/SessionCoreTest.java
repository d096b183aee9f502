package io.carrick.core.session.state;

import static io.carrick.Delivered.MAYBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Delivered;
import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.ReceiveLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the state machine of a session says and when, at the borders, without threads. */
class SessionCoreTest {

  private static final long SECOND = 1_000_000_000L;
  private static final int GRANTED = 2;

  private final SessionConfig config =
      SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 1 << 20);
  private final SessionCore core =
      new SessionCore(
          config, true, new ReceiveLimits(1 << 20, 64 << 10, GRANTED, GRANTED), true, 0);
  private final FrameParser parser = new FrameParser();
  private long theirSeq;

  private static Opening opening(Kind kind, long timeoutNanos) {
    return opening(kind, timeoutNanos, new byte[10]);
  }

  private static Opening opening(Kind kind, long timeoutNanos, byte[] payload) {
    return new Opening(
        kind,
        "t",
        Headers.EMPTY,
        "",
        payload,
        Priority.NORMAL,
        timeoutNanos,
        1,
        OverflowPolicy.FAIL,
        List.of(),
        SecurityLevel.NONE,
        "");
  }

  private Exchange open(Kind kind) {
    return core.open(opening(kind, 0), x -> {}, 0);
  }

  /** Writes what is due; how many frames were sequenced. */
  private int write(long now) {
    core.out.schedule(now);
    int frames = core.out.ring.unhanded();
    core.unsequenced(new ArrayList<>(), frames > 0, now);
    core.out.handed(frames);
    core.written(now);
    return frames;
  }

  private void receive(byte[] frame, long now) throws Exception {
    parser.parse(ByteBuffer.wrap(frame));
    core.onFrame(parser, frame.length, now);
  }

  private void receiveSequenced(byte[] body, long now) throws Exception {
    long seq = ++theirSeq;
    ByteBuffer frame = ByteBuffer.allocate(FrameWriter.sequencedSize(seq, body));
    FrameWriter.sequenced(frame, seq, body);
    receive(frame.array(), now);
  }

  private void acknowledge(long now) throws Exception {
    receive(FrameWriter.ack(core.out.ring.handedSeq(), GRANTED, GRANTED), now);
  }

  @Test
  void aCallThatWasNotSentIsNotDelivered() {
    Exchange sent = open(Kind.REQUEST);
    write(0);
    Exchange waiting = open(Kind.REQUEST);

    core.cancel(sent, StatusCode.CANCELLED);
    core.cancel(waiting, StatusCode.CANCELLED);

    assertThat(sent.end().delivered()).isEqualTo(Delivered.MAYBE);
    assertThat(waiting.end().delivered()).isEqualTo(Delivered.NO);
  }

  @Test
  void aCloseWaitsForCallsAndNotForSubscriptions() throws Exception {
    Exchange call = open(Kind.REQUEST);
    Exchange subscription = open(Kind.SUBSCRIBE);
    write(0);

    core.close("bye", 0);

    assertThat(subscription.end().cause()).isEqualTo(End.Cause.CANCELLED);
    assertThat(call.end()).isNull();
    assertThat(core.state()).isEqualTo(SessionCore.State.CLOSING);

    core.cancel(call, StatusCode.CANCELLED);
    receive(FrameWriter.ack(0, GRANTED, GRANTED), 1);

    assertThat(core.state()).isEqualTo(SessionCore.State.FINISHING);
  }

  @Test
  void theTimerLooksWhenACloseHasToEnd() {
    Exchange call = open(Kind.REQUEST);
    write(0);
    core.liveness.received(0, false, true, true);

    core.close("bye", 0);

    assertThat(core.nextTick()).isLessThanOrEqualTo(config.closeNanos());
    core.tick(config.closeNanos() - 1);
    assertThat(call.end()).isNull();
    core.tick(config.closeNanos());
    assertThat(call.end().cause()).isEqualTo(End.Cause.CANCELLED);
  }

  @Test
  void withoutAConnectionTheTimerLooksWhenACloseHasToEnd() {
    open(Kind.REQUEST);
    write(0);
    core.breakPath("gone", 0);
    core.close("bye", 0);

    assertThat(core.nextTick()).isEqualTo(config.closeNanos());
    core.tick(config.closeNanos());

    assertThat(core.ended()).isNotNull();
  }

  @Test
  void theTimerLooksAtADeadlineThatIsSoonerThanItsRound() {
    Exchange call = core.open(opening(Kind.REQUEST, 10_000_000), x -> {}, 0);
    write(0);

    assertThat(core.nextTick()).isEqualTo(10_000_000);
    core.tick(10_000_000);

    assertThat(call.end().cause()).isEqualTo(End.Cause.EXPIRED);
  }

  @Test
  void anUnusedSessionWaitsShorterForAConnectionThanAUsedOne() {
    SessionCore unused = new SessionCore(config, true, new ReceiveLimits(1, 1, 1, 1), true, 0);
    unused.breakPath("gone", 0);
    open(Kind.REQUEST);
    write(0);
    core.breakPath("gone", 0);

    assertThat(unused.nextTick()).isEqualTo(10 * SECOND);
    assertThat(core.nextTick()).isEqualTo(config.resumption().nanos());
    unused.tick(10 * SECOND - 1);
    assertThat(unused.ended()).isNull();
    unused.tick(10 * SECOND);
    assertThat(unused.ended().cause()).isEqualTo(End.Cause.SESSION_LOST);
  }

  @Test
  void whatIsRefusedThreeTimesWithoutAnAcknowledgementBetweenIsLost() throws Exception {
    Exchange call = open(Kind.REQUEST);
    write(0);
    core.refusePath("too large", 0);
    core.attach(0, 0);
    core.refusePath("too large", 0);
    core.attach(1, 0);
    for (int i = 0; i < 2; i++) {
      core.refusePath("too large", 0);
      assertThat(core.ended()).isNull();
      core.attach(1, 0);
    }
    core.breakPath("gone", 0);
    core.attach(1, 0);

    core.refusePath("too large", 0);

    assertThat(call.end().cause()).isEqualTo(End.Cause.SESSION_LOST);
    assertThat(call.end().message()).contains("3 times in a row: too large");
  }

  @Test
  void aBreakAfterOurFinIsNoEndWhileThePeerMayNotHaveIt() {
    core.close("bye", 0);
    write(0);
    core.breakPath("gone", 1);

    assertThat(core.state()).isEqualTo(SessionCore.State.FINISHING);
    assertThat(core.ended()).isNull();
  }

  @Test
  void aCloseEndsWhenBothSidesHaveAcknowledgedTheOthersFin() throws Exception {
    core.close("bye", 0);
    write(0);
    acknowledge(1);
    assertThat(core.ended()).isNull();

    receiveSequenced(FrameWriter.fin(0, ""), 2);
    assertThat(core.ended()).isNull();
    assertThat(core.mustWrite()).as("the last ACK goes at once").isTrue();
    write(2);

    assertThat(core.ended().cause()).isEqualTo(End.Cause.COMPLETED);
  }

  @Test
  void whatIsLostOnceAllWasSaidEndedInOrder() {
    core.close("bye", 0);
    write(0);
    assertThat(core.state()).isEqualTo(SessionCore.State.FINISHING);

    core.lose(new End(End.Cause.SESSION_LOST, StatusCode.UNAVAILABLE, "gone", Map.of(), MAYBE));

    assertThat(core.ended().cause()).isEqualTo(End.Cause.COMPLETED);
    assertThat(core.ended().delivered()).isEqualTo(Delivered.YES);
  }

  @Test
  void theFirstEndOfAnExchangeCounts() {
    Exchange call = open(Kind.REQUEST);
    End first = new End(End.Cause.CANCELLED, StatusCode.CANCELLED, "first", Map.of(), MAYBE);

    core.end(call, first, false);
    core.end(call, new End(End.Cause.COMPLETED, StatusCode.OK, "", Map.of(), MAYBE), false);

    assertThat(call.end()).isSameAs(first);
  }

  @Test
  void aDeadlineBelowAMillisecondIsOneAndNotNone() throws Exception {
    for (long nanos : new long[] {1, 1_999_999}) {
      core.open(opening(Kind.SEND, nanos), x -> {}, 0);
      core.out.schedule(0);
      ByteBuffer ring = core.out.ring.buffer();
      int at = ReplayRing.skipWrap(ring, core.out.ring.handOffset());
      byte[] frame = new byte[ring.getInt(at)];
      ring.get(at + Integer.BYTES, frame);
      core.out.handed(1);

      parser.parse(ByteBuffer.wrap(frame));
      assertThat(parser.timeoutMillis()).isEqualTo(1);
    }
  }

  @Test
  void theTimerGivesBackALargeBufferThatIsEmpty() throws Exception {
    for (int i = 0; i < 2 * GRANTED; i++) {
      core.open(
          opening(i < GRANTED ? Kind.REQUEST : Kind.STREAM, 0, new byte[60 << 10]), x -> {}, 0);
    }
    write(0);
    core.tick(1);
    assertThat(core.out.ring.capacity()).as("what is not acknowledged is kept").isNotZero();

    acknowledge(2);
    core.tick(3);

    assertThat(core.out.ring.capacity()).isZero();
  }

  @Test
  void aFinWaitsForWhatIsQueued() throws Exception {
    open(Kind.REQUEST);
    open(Kind.REQUEST);
    Exchange beyond = open(Kind.REQUEST);
    write(0);
    core.close("bye", 0);
    write(0);

    assertThat(core.state()).isEqualTo(SessionCore.State.CLOSING);
    assertThat(beyond.end()).isNull();
  }

  @Test
  void aPeerThatResumesBehindWhatWasSentBreaksTheRules() throws Exception {
    open(Kind.REQUEST);
    write(0);
    core.breakPath("gone", 0);

    assertThatThrownBy(() -> core.attach(2, 1))
        .isInstanceOf(ViolationException.class)
        .hasMessageContaining("the highest sent is 1");
    core.attach(1, 1);
    assertThat(core.out.ring.usedBytes()).as("what the peer has is freed").isZero();
  }

  @Test
  void anotherConnectionBeginsWithAnAckAndIsWatched() throws Exception {
    open(Kind.REQUEST);
    write(0);
    core.breakPath("gone", 100 * SECOND);

    core.attach(0, 100 * SECOND);

    assertThat(core.ack.mustWrite()).isTrue();
    assertThat(core.nextTick()).isEqualTo(101 * SECOND);
    assertThat(write(100 * SECOND)).as("what was sent goes again").isEqualTo(1);
  }

  @Test
  void aCallBeyondTheGrantWaitsAndACancelledOneTakesNone() throws Exception {
    open(Kind.REQUEST);
    open(Kind.REQUEST);
    Exchange third = open(Kind.REQUEST);
    Exchange fourth = open(Kind.REQUEST);
    assertThat(write(0)).isEqualTo(GRANTED);

    core.cancel(third, StatusCode.CANCELLED);
    receive(FrameWriter.ack(2, GRANTED + 1, GRANTED), 1);

    assertThat(write(1)).isEqualTo(1);
    assertThat(fourth.id).isPositive();
    assertThat(third.id).isZero();
  }

  @Test
  void callsAndStreamsHaveGrantsOfTheirOwnWhichNeverFall() throws Exception {
    for (int i = 0; i < GRANTED; i++) {
      open(Kind.STREAM);
      open(Kind.REQUEST);
    }
    Exchange stream = open(Kind.STREAM);
    Exchange call = open(Kind.REQUEST);
    assertThat(write(0)).isEqualTo(2 * GRANTED);

    receive(FrameWriter.ack(4, GRANTED, GRANTED + 1), 1);
    assertThat(write(1)).isEqualTo(1);
    assertThat(stream.id).isPositive();
    receive(FrameWriter.ack(5, 1, 1), 2);
    receive(FrameWriter.ack(5, GRANTED + 1, GRANTED + 1), 3);

    assertThat(write(3)).isEqualTo(1);
    assertThat(call.id).isPositive();
  }

  @Test
  void creditGoesBehindAnOpenThatWaits() throws Exception {
    open(Kind.STREAM);
    open(Kind.STREAM);
    Exchange waiting = open(Kind.STREAM);
    write(0);
    core.in.demand(waiting, 5);
    write(0);

    receive(FrameWriter.ack(2, GRANTED, GRANTED + 1), 1);

    assertThat(write(1)).as("OPEN").isEqualTo(1);
    assertThat(write(1)).as("CREDIT").isEqualTo(1);
  }

  @Test
  void whatWaitsIsCountedUntilItGoesOrIsCancelled() throws Exception {
    open(Kind.REQUEST);
    open(Kind.REQUEST);
    Exchange waiting = open(Kind.REQUEST);
    assertThat(core.out.waitingCalls).isEqualTo(3);
    assertThat(core.out.waitingBytes).isEqualTo(30);

    write(0);
    assertThat(core.out.waitingCalls).isEqualTo(1);
    assertThat(core.out.waitingBytes).isEqualTo(10);
    assertThat(core.out.queuedBytes).isEqualTo(10);
    core.cancel(waiting, StatusCode.CANCELLED);

    assertThat(core.out.waitingCalls).isZero();
    assertThat(core.out.waitingBytes).isZero();
    assertThat(core.out.queuedBytes).isZero();
  }

  @Test
  void aSendThatIsCancelledLetsTheNextOneGo() {
    Exchange first = open(Kind.SEND);
    Exchange second = open(Kind.SEND);
    core.cancel(first, StatusCode.CANCELLED);

    assertThat(write(0)).isEqualTo(1);
    assertThat(second.id).isPositive();
  }

  @Test
  void nothingGoesBehindTheLastMessage() {
    Exchange channel = open(Kind.CHANNEL);
    write(0);
    core.out.raise(channel, 1 << 20, 10);
    core.finish(channel);
    byte[] head = FrameWriter.itemHead("t", Headers.EMPTY, "", "");
    core.send(channel, OutMessage.item(head, new byte[1], false, 0));
    core.finish(channel);

    assertThat(write(0)).as("the end").isEqualTo(1);
  }

  @Test
  void whatCameIsCountedUntilItIsTakenOrDropped() throws Exception {
    Exchange stream = open(Kind.STREAM);
    write(0);
    core.in.demand(stream, 10);
    long before = core.heldBytes();

    receiveItem(stream, 20_000, 20_000);
    long whole = core.heldBytes();
    receiveItem(stream, 10_000, 40_000);
    long part = core.heldBytes();

    assertThat(whole - before).isGreaterThanOrEqualTo(20_000);
    assertThat(part - whole).isGreaterThanOrEqualTo(40_000);

    core.poll(stream);
    assertThat(core.heldBytes()).isEqualTo(part - (whole - before));
    core.cancel(stream, StatusCode.CANCELLED);
    assertThat(core.in.inboxBytes).isZero();
    assertThat(core.in.partBytes).isZero();
    assertThat(core.in.reservedBytes()).isZero();
    assertThat(core.heldBytes()).isLessThan(before);
  }

  @Test
  void whatCameAndWasNotTakenIsNotCountedBehindTheEnd() throws Exception {
    Exchange stream = open(Kind.STREAM);
    write(0);
    core.in.demand(stream, 10);
    receiveItem(stream, 1_000, 1_000);

    core.cancel(stream, StatusCode.CANCELLED);

    assertThat(core.in.inboxBytes).isZero();
  }

  /** An ITEM with so many bytes of a message of this length. */
  private void receiveItem(Exchange x, int bytes, int length) throws Exception {
    boolean more = bytes < length;
    byte[] head = FrameWriter.itemHead("t", Headers.EMPTY, "text/plain", "");
    ByteBuffer frame = ByteBuffer.allocate(bytes + 256);
    FrameWriter.item(
        frame,
        ++theirSeq,
        x.id,
        false,
        true,
        head,
        more ? length : 0,
        more,
        0,
        new byte[bytes],
        0,
        bytes);
    frame.flip();
    parser.parse(frame);
    core.onFrame(parser, bytes, 0);
  }
}
