package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

/** What has ended stands in no queue, however long the queue does not move. */
class QueuesForgetTest {

  private static final int MANY = 20_000;
  private static final int MAX_MESSAGE = 4 << 20;

  /** Half of a queue may have left it: no exchange lives here, but the few that hold it up. */
  private static final int FEW = 5 * ExchangeQueue.MOST_GONE;

  private final SessionCore core =
      new SessionCore(
          SessionConfig.defaults("test", new byte[16], List.of("text/plain"), MAX_MESSAGE),
          false,
          new ReceiveLimits(MAX_MESSAGE, 64 << 10, 64, 64),
          true,
          0);
  private final FrameParser parser = new FrameParser();
  private final ByteBuffer frame = ByteBuffer.allocate(64 << 10);
  private long seq;

  private void receive() throws Exception {
    frame.flip();
    parser.parse(frame);
    core.onFrame(parser, frame.remaining(), 0);
    frame.clear();
  }

  private void open(long id, Kind kind, long items, int length) throws Exception {
    byte[] head =
        FrameWriter.openHead(
            kind,
            "t",
            0,
            Priority.NORMAL,
            items,
            Headers.EMPTY,
            "",
            OverflowPolicy.FAIL,
            List.of(),
            "");
    FrameWriter.open(frame, ++seq, id, head, length, length > 0, new byte[10], 0, 10);
    receive();
  }

  private void cancel(long id) throws Exception {
    FrameWriter.sequenced(frame, ++seq, FrameWriter.cancel(id, StatusCode.CANCELLED.number()));
    receive();
  }

  /** Writes what is due; the peer acknowledges it, or never does. */
  private void write(boolean acknowledged) {
    core.out.schedule(0);
    core.unsequenced(new ArrayList<>(), true, 0);
    core.out.handed(core.out.ring.unhanded());
    if (acknowledged) {
      core.out.acknowledged(core.out.ring.handedSeq(), 0);
    }
    core.takeReady();
  }

  @Test
  void longMessagesThatWereCancelledWhileOthersHoldTheBudget() throws Exception {
    long id = -1;
    for (int i = 0; i < 5; i++) {
      open(id += 2, Kind.REQUEST, 0, MAX_MESSAGE);
    }
    for (int i = 0; i < MANY; i++) {
      open(id += 2, Kind.REQUEST, 0, MAX_MESSAGE);
      cancel(id);
      write(true);
    }

    assertThat(core.livingCount()).isEqualTo(5);
    assertThat(core.in.keptParts()).isBetween(1, FEW);

    cancel(1);
    write(true);

    assertThat(core.in.reservedBytes()).isEqualTo(4L * MAX_MESSAGE);
    assertThat(core.in.keptParts()).isZero();
  }

  @Test
  void callsThatWereCancelledWhileThePeerGrantsNone() {
    for (int i = 0; i < 64 + MANY; i++) {
      Opening opening =
          new Opening(
              Kind.STREAM,
              "t",
              Headers.EMPTY,
              "",
              new byte[1],
              Priority.NORMAL,
              0,
              1,
              OverflowPolicy.FAIL,
              List.of(),
              SecurityLevel.NONE,
              "");
      Exchange x = core.open(opening, y -> {}, 0);
      write(true);
      if (i >= 64) {
        core.cancel(x, StatusCode.CANCELLED);
      }
    }

    assertThat(core.livingCount()).isEqualTo(64);
    assertThat(core.out.keptExchanges()).isLessThanOrEqualTo(FEW);
  }

  @Test
  void refusalsThatWereCancelledWhileThePeerAcknowledgesNothing() throws Exception {
    for (long id = 1; id < 2L * (70_000 + MANY); id += 2) {
      // Refused at once, by an ERROR that needs room in the replay buffer; one stays at the head.
      open(id, Kind.REQUEST, 0, MAX_MESSAGE + 1);
      write(false);
      if (id != 140_001) {
        cancel(id);
      }
    }

    assertThat(core.livingCount()).isOne();
    assertThat(core.out.keptExchanges()).isLessThanOrEqualTo(FEW);
  }

  @Test
  void creditOfChannelsThatWereCancelledWhileThePeerAcknowledgesNothing() throws Exception {
    for (long id = 1; id < 2L * (70_000 + MANY); id += 2) {
      open(id, Kind.CHANNEL, 1, 0);
      Exchange x = core.living.get(id);
      core.in.demand(x, 10);
      write(false);
      cancel(id);
    }

    assertThat(core.livingCount()).isZero();
    assertThat(core.out.keptExchanges()).isLessThanOrEqualTo(FEW);
  }

  @Test
  void noticesThatThePeerDoesNotTake() {
    for (int i = 0; i < MANY; i++) {
      core.out.notice(FrameWriter.notice(List.of(), true, false));
    }
    int written = 0;
    while (core.out.hasUnsent() && written <= MANY) {
      core.out.schedule(0);
      written += core.out.ring.unhanded();
      core.out.handed(core.out.ring.unhanded());
      core.out.acknowledged(core.out.ring.handedSeq(), 0);
    }

    assertThat(written).isEqualTo(Outbound.MOST_NOTICES);
  }

  @Test
  void whatLeavesAQueueAndComesAgainStandsInItOnce() {
    ExchangeQueue queue = new ExchangeQueue(ExchangeQueue.ACTIVE);
    List<Exchange> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Exchange x = new Exchange(true, Kind.REQUEST, Priority.NORMAL, null);
      all.add(x);
      queue.add(x);
      queue.add(x);
    }

    queue.remove(all.get(1));
    queue.remove(all.get(2));
    queue.add(all.get(1));

    List<Exchange> polled = new ArrayList<>();
    for (Exchange x = queue.poll(); x != null; x = queue.poll()) {
      polled.add(x);
    }
    assertThat(polled).containsExactlyInAnyOrder(all.get(0), all.get(1), all.get(3));
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.kept()).isZero();
  }
}
