package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.carrick.Headers;
import io.carrick.OverflowPolicy;
import io.carrick.PeerLimits;
import io.carrick.Priority;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Kind;
import io.carrick.core.frame.ReceiveLimits;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.Tokens;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who goes first where all want to (F3, F4). */
class SharesTest {

  private static final long NOW = 1_000_000_000L;
  private static final byte[] NO_HEAD = {};

  private SessionCore core = core(8 << 20, 65_536);

  private record Frame(FrameType type, long exchange, int payload) {}

  private static SessionCore core(int replayBytes, int replayFrames) {
    SessionConfig config =
        new SessionConfig(
            "test",
            new byte[16],
            List.of(),
            4 << 20,
            64 << 10,
            1 << 20,
            64,
            1024,
            256,
            replayBytes,
            replayFrames,
            1024,
            8 << 20,
            5_000_000_000L,
            5_000_000_000L,
            Resumption.DEFAULT,
            Tokens.NONE,
            PeerLimits.DEFAULT,
            null);
    return new SessionCore(config, true, new ReceiveLimits(4 << 20, 64 << 10, 64, 64), true, NOW);
  }

  /** A channel that may send what it likes, and has so many messages to send. */
  private Exchange channel(Priority priority, int messages, int bytes) throws Exception {
    Exchange x = channel(priority);
    fill(x, messages, bytes);
    return x;
  }

  private void fill(Exchange x, int messages, int bytes) {
    for (int i = 0; i < messages; i++) {
      core.send(x, OutMessage.item(NO_HEAD, new byte[bytes], false, 0));
    }
  }

  private Exchange channel(Priority priority) throws Exception {
    Exchange x =
        core.open(
            new Opening(
                Kind.CHANNEL,
                "a",
                Headers.EMPTY,
                "",
                NO_HEAD,
                priority,
                0,
                1,
                OverflowPolicy.FAIL,
                List.of(),
                SecurityLevel.NONE,
                ""),
            exchange -> {},
            NOW);
    write();
    core.out.raise(x, Long.MAX_VALUE, Long.MAX_VALUE);
    return x;
  }

  /** One batch. */
  private List<Frame> write() throws Exception {
    core.out.ring.skipAcknowledged();
    core.out.schedule(NOW);
    ByteBuffer ring = core.out.ring.buffer();
    int offset = core.out.ring.handOffset();
    int count = core.out.ring.unhanded();
    List<Frame> frames = new ArrayList<>();
    FrameParser parser = new FrameParser();
    for (int i = 0; i < count; i++) {
      offset = ReplayRing.skipWrap(ring, offset);
      byte[] frame = new byte[ring.getInt(offset)];
      ring.get(offset + Integer.BYTES, frame);
      parser.parse(ByteBuffer.wrap(frame));
      boolean data = parser.type() == FrameType.ITEM;
      frames.add(
          new Frame(
              parser.type(),
              parser.type() == FrameType.NOTICE ? 0 : parser.exchange(),
              data ? parser.payloadLength() : 0));
      offset += Integer.BYTES + frame.length;
    }
    core.out.handed(count);
    return frames;
  }

  private void acknowledgeAll() {
    core.out.acknowledged(core.out.ring.nextSeq() - 1, NOW);
  }

  private void assertShares(int highBytes, int normalBytes, int bulkBytes) throws Exception {
    Map<Priority, Exchange> channels = new EnumMap<>(Priority.class);
    channels.put(Priority.HIGH, channel(Priority.HIGH, 4_000_000 / highBytes, highBytes));
    channels.put(Priority.NORMAL, channel(Priority.NORMAL, 4_000_000 / normalBytes, normalBytes));
    channels.put(Priority.BULK, channel(Priority.BULK, 4_000_000 / bulkBytes, bulkBytes));
    Map<Long, Long> sent = new HashMap<>();

    while (channels.get(Priority.HIGH).firstOut() != null) {
      for (Frame frame : write()) {
        sent.merge(frame.exchange, (long) frame.payload, Long::sum);
      }
      acknowledgeAll();
    }

    double high = sent.get(channels.get(Priority.HIGH).id);
    assertThat(high / sent.get(channels.get(Priority.NORMAL).id)).isCloseTo(4, within(0.4));
    assertThat(high / sent.get(channels.get(Priority.BULK).id)).isCloseTo(16, within(1.6));
  }

  @Test
  void highNormalAndBulkShareAs16To4To1WhereAllWantTo() throws Exception {
    assertShares(1_000, 1_000, 1_000);
  }

  @Test
  void theSharesAreOfBytesAndNotOfFrames() throws Exception {
    assertShares(500, 5_000, 20_000);
  }

  @Test
  void whoIsAloneTakesAll() throws Exception {
    channel(Priority.BULK, 200, 1_000);

    assertThat(write()).hasSizeGreaterThan(60);
  }

  @Test
  void inOnePriorityEachGoesInTurn() throws Exception {
    Exchange one = channel(Priority.NORMAL);
    Exchange two = channel(Priority.NORMAL);
    fill(one, 20, 100);
    fill(two, 20, 100);

    List<Long> order = write().stream().map(Frame::exchange).toList();

    for (int i = 0; i < order.size(); i++) {
      assertThat(order.get(i)).isEqualTo(i % 2 == 0 ? one.id : two.id);
    }
    assertThat(order).hasSize(40);
  }

  @Test
  void bulkLeavesAQuarterOfTheWindowToOthers() throws Exception {
    Exchange high = channel(Priority.HIGH);
    channel(Priority.BULK, 200, 10_000);
    while (!write().isEmpty()) {}
    assertThat(core.out.ring.usedBytes()).isBetween((768 << 10) - 11_000, 768 << 10);

    fill(high, 200, 10_000);
    while (!write().isEmpty()) {}
    assertThat(core.out.ring.usedBytes()).isBetween((1 << 20) - 11_000, 1 << 20);
  }

  @Test
  void controlTakesWhatBecomesFreeInAFullRing() throws Exception {
    core = core(8 << 20, 8);
    Exchange cancelled = channel(Priority.HIGH);
    Exchange credited = channel(Priority.HIGH);
    channel(Priority.HIGH, 20, 100);
    acknowledgeAll();
    assertThat(write()).hasSize(8);
    assertThat(write()).isEmpty();
    core.cancel(cancelled, StatusCode.CANCELLED);
    core.out.credit(credited);
    long acked = core.out.ring.nextSeq() - 9;

    core.out.acknowledged(acked + 1, NOW);
    assertThat(write()).extracting(Frame::type).containsExactly(FrameType.CANCEL);
    core.out.acknowledged(acked + 3, NOW);
    assertThat(write()).extracting(Frame::type).containsExactly(FrameType.CREDIT, FrameType.ITEM);
  }

  /** Else frames of data, which are small, would take each place before it is large enough. */
  @Test
  void dataWaitsWhereControlHasNoRoom() throws Exception {
    core = core(4 << 10, 1_000);
    channel(Priority.HIGH, 1_000, 100);
    while (!write().isEmpty()) {}
    String long255 = "x".repeat(255);
    core.out.notice(FrameWriter.notice(List.of(long255, long255, long255, long255), false, false));
    long acked = core.out.ring.acked();

    core.out.acknowledged(++acked, NOW);
    assertThat(write()).as("a place for data, and not for the notice").isEmpty();
    List<Frame> frames = List.of();
    while (frames.isEmpty()) {
      core.out.acknowledged(++acked, NOW);
      frames = write();
    }

    assertThat(frames.get(0).type).isEqualTo(FrameType.NOTICE);
  }
}
