package io.carrick.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.spi.CloseReason;
import io.carrick.spi.CloseReason.Kind;
import io.carrick.spi.PeerInfo;
import io.carrick.spi.Transport;
import io.carrick.testkit.Await;
import io.carrick.testkit.RecordingReceiver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class QueuedConnectionTest {

  static final PeerInfo PEER = PeerInfo.of("test:peer");

  private final ManualLoop loop = new ManualLoop();
  private final RecordingChannel channel = new RecordingChannel();
  private final QueuedConnection connection = new QueuedConnection(loop, channel, PEER);
  private final RecordingReceiver receiver = new RecordingReceiver();

  @Test
  void whatIsSentBeforeTheLoopRunsLeavesInOnePacket() throws Exception {
    for (String text : new String[] {"a", "", "c"}) {
      assertThat(connection.send(frame(text))).isTrue();
      connection.flush();
    }
    assertThat(channel.sent).isEmpty();
    assertThat(loop.waiting()).isEqualTo(1);

    loop.run();

    assertThat(channel.sent).hasSize(1);
    assertThat(channel.frames()).containsExactly(bytes("a"), bytes(""), bytes("c"));
  }

  @Test
  void nothingLeavesBeforeItIsFlushed() {
    connection.send(frame("a"));
    loop.run();

    assertThat(channel.sent).isEmpty();
  }

  @Test
  void whatTheChannelDoesNotTakeGoesWhenItIsReady() throws Exception {
    channel.room = 0;
    connection.send(frame("a"));
    connection.flush();
    loop.run();
    assertThat(channel.sent).isEmpty();

    channel.room = 1;
    connection.onReady();

    assertThat(channel.frames()).containsExactly(bytes("a"));
  }

  @Test
  void aSenderThatWaitsIsToldAtHalfOfTheBound() {
    connection.receive(receiver);
    channel.room = 0;
    byte[] quarter = new byte[Transport.HIGH_WATER_BYTES / 4 - 4];
    for (int i = 0; i < 4; i++) {
      assertThat(connection.send(ByteBuffer.wrap(quarter))).isTrue();
    }
    assertThat(connection.send(ByteBuffer.wrap(quarter))).isFalse();
    loop.run();
    receiver.forgetWritable(); // One that came too early does not count.

    channel.room = 1; // The first packet has four of them.
    connection.onReady();

    receiver.awaitWritable();
  }

  @Test
  void aFalseBeforeThereIsAReceiverIsToldToIt() {
    for (int i = 0; i < 2; i++) {
      connection.send(ByteBuffer.allocate(Transport.MAX_FRAME_BYTES));
    }
    loop.run();
    assertThat(channel.sent).hasSize(2);

    connection.receive(receiver);
    loop.run();

    receiver.awaitWritable();
  }

  @Test
  void aCallerThatGoesOnAfterFalseLosesTheConnection() {
    connection.receive(receiver);
    channel.room = 0;
    for (int i = 0; i < 17; i++) {
      connection.send(ByteBuffer.allocate(Transport.MAX_FRAME_BYTES));
    }
    loop.run();

    CloseReason reason = Await.result(receiver.closed());
    assertThat(reason.kind()).isEqualTo(Kind.LOCAL);
    assertThat(reason.detail()).contains("although send said false");
  }

  @Test
  void aFrameThatIsTooLargeIsRefusedAndTheConnectionGoesOn() throws Exception {
    assertThatThrownBy(() -> connection.send(ByteBuffer.allocate(65_537)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("65537", "65536");

    connection.send(frame("a"));
    connection.flush();
    loop.run();
    assertThat(channel.frames()).containsExactly(bytes("a"));
  }

  @Test
  void anArrayIsUsedAgainOnlyWhereTheChannelSaysThatItIsFree() throws Exception {
    for (boolean frees : new boolean[] {true, false}) {
      channel.sent.clear();
      channel.frees = frees;
      channel.inSend = () -> {};
      for (String text : new String[] {"a", "b"}) {
        connection.send(frame(text));
        connection.flush();
        loop.run();
      }
      assertThat(channel.frames()).containsExactly(bytes("a"), bytes("b"));
    }
  }

  @Test
  void inputIsAskedForWithTheReceiverAndThenOneForOne() {
    loop.run();
    assertThat(channel.requested).isZero();

    start();
    assertThat(channel.requested).isEqualTo(4);

    arrive("a", "b");

    assertThat(receiver.nextFrame()).isEqualTo(bytes("a"));
    assertThat(receiver.nextFrame()).isEqualTo(bytes("b"));
    assertThat(receiver.batches()).isEqualTo(1);
    assertThat(channel.requested).isEqualTo(5);
  }

  @Test
  void othersHaveTheirTurnAfterSomeInput() {
    start();
    for (int i = 0; i < 255; i++) {
      arrive("a");
    }
    assertThat(channel.later).isEmpty();
    int requested = channel.requested;

    arrive("a");

    assertThat(channel.later).hasSize(1);
    assertThat(channel.requested).isEqualTo(requested);
    channel.later.remove(0).run();
    assertThat(channel.requested).isEqualTo(requested + 1);
  }

  @Test
  void manyPacketsWithoutFramesEndIt() {
    start();
    for (int i = 0; i < 100; i++) {
      arrive();
    }
    loop.run();
    assertThat(receiver.closed()).isNotDone();

    arrive();
    loop.run();

    assertClosed(Kind.PROTOCOL, "Packets without frames");
  }

  @Test
  void whatIsNoPacketEndsItWithTheNameOfThePeer() {
    start();
    connection.onInput(ByteBuffer.wrap(new byte[] {10, 5, 1}), PacketReader::next);
    loop.run();

    assertClosed(Kind.PROTOCOL, "a Packet ends in the middle of a field (test:peer)");
  }

  @Test
  void aCloseSendsWhatIsHeldAndThenTells() throws Exception {
    start();
    channel.room = 0;
    connection.send(frame("a"));
    connection.flush();
    loop.run();
    connection.send(frame("b"));

    connection.close(CloseReason.local("of the test"));
    assertThat(connection.send(frame("c"))).isFalse();
    connection.close(CloseReason.local("again"));
    loop.run();

    assertThat(channel.frames()).containsExactly(bytes("a"), bytes("b"));
    assertThat(channel.end).isEqualTo(CloseReason.local("of the test"));
    assertClosed(Kind.LOCAL, "of the test");
  }

  @Test
  void aCloseWhileAWriteIsUnderWayLosesNothing() throws Exception {
    start();
    channel.inSend =
        () -> {
          channel.inSend = () -> {};
          Await.result(
              CompletableFuture.runAsync(() -> connection.close(CloseReason.local("of the test"))));
        };
    for (int i = 0; i < 2; i++) {
      connection.send(ByteBuffer.wrap(new byte[40_000]).put(0, (byte) i));
    }
    connection.flush();

    loop.run();

    assertThat(channel.frames()).extracting(frame -> (int) frame[0]).containsExactly(0, 1);
    assertClosed(Kind.LOCAL, "of the test");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"LOCAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void otherwiseWhatIsHeldIsDropped(Kind kind) {
    start();
    connection.send(frame("a"));

    connection.close(new CloseReason(kind, "of the test"));
    loop.run();

    assertThat(channel.sent).isEmpty();
    assertClosed(kind, "of the test");
  }

  @Test
  void theEndOfTheChannelIsToldOnce() {
    start();
    connection.onEnd(CloseReason.network("it broke"));
    connection.onEnd(CloseReason.peer("again"));
    connection.close(CloseReason.local("again"));
    loop.run();

    assertClosed(Kind.NETWORK, "it broke");
    assertThat(connection.send(frame("a"))).isFalse();
  }

  @Test
  void aReceiverThatComesLateIsToldTheEnd() {
    connection.onEnd(CloseReason.network("it broke"));
    start();

    assertClosed(Kind.NETWORK, "it broke");
    assertThat(channel.requested).isZero();
  }

  @Test
  void nothingIsDeliveredAfterTheClose() {
    start();
    connection.close(CloseReason.local("of the test"));
    arrive("a");
    loop.run();

    assertThat(receiver.waiting()).isZero();
    assertThat(receiver.batches()).isZero();
  }

  @Test
  void aSecondReceiverIsRefused() {
    connection.receive(receiver);

    assertThatThrownBy(() -> connection.receive(receiver))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("call it once");
  }

  @Test
  void whateverAReceiverThrowsEndsTheConnection() {
    for (Throwable thrown : new Throwable[] {new IllegalStateException("x"), new Error("x")}) {
      QueuedConnection torn = new QueuedConnection(loop, new RecordingChannel(), PEER);
      RecordingReceiver failing =
          new RecordingReceiver() {
            @Override
            protected void handle(ByteBuffer frame) {
              QueuedConnectionTest.<RuntimeException>sneak(thrown);
            }
          };
      torn.receive(failing);
      loop.run();
      torn.onInput(ByteBuffer.wrap(new byte[] {10, 0}), PacketReader::next);
      loop.run();

      assertThat(Await.result(failing.closed()))
          .isEqualTo(CloseReason.local("the receiver failed: " + thrown));
    }
  }

  @Test
  void whatTheChannelThrowsEndsTheConnection() {
    start();
    channel.inSend =
        () -> {
          channel.inSend = () -> {};
          throw new OutOfMemoryError("of the test");
        };
    connection.send(frame("a"));
    connection.flush();
    loop.run();

    assertClosed(Kind.LOCAL, "what was sent could not be written: ");
  }

  @Test
  void aLoopWithoutMemoryIsAskedAgain() throws Exception {
    start();
    connection.send(frame("a"));
    loop.full(true);
    assertThatThrownBy(connection::flush).isInstanceOf(OutOfMemoryError.class);
    loop.full(false);
    connection.flush();
    loop.run();
    assertThat(channel.frames()).containsExactly(bytes("a"));

    loop.full(true);
    assertThatThrownBy(() -> connection.close(CloseReason.local("of the test")))
        .isInstanceOf(OutOfMemoryError.class);
    loop.full(false);
    connection.close(CloseReason.local("again"));
    loop.run();
    assertClosed(Kind.LOCAL, "of the test");
  }

  @Test
  void admissionReachesTheChannel() {
    assertThat(connection.isAwaited()).isFalse();
    connection.awaitAdmission();
    assertThat(connection.isAwaited()).isTrue();

    connection.admit();

    assertThat(channel.admitted).isTrue();
  }

  private void start() {
    connection.receive(receiver);
    loop.run();
  }

  /** A packet of such frames comes in. */
  private void arrive(String... frames) {
    PacketQueue queue = new PacketQueue();
    for (String frame : frames) {
      queue.append(frame(frame));
    }
    Packet packet = queue.poll();
    connection.onInput(
        packet == null ? ByteBuffer.allocate(0) : packet.buffer(), PacketReader::next);
  }

  private void assertClosed(Kind kind, String detail) {
    CloseReason reason = Await.result(receiver.closed());
    assertThat(reason.kind()).isEqualTo(kind);
    assertThat(reason.detail()).contains(detail);
    assertThat(receiver.faults()).isEmpty();
    assertThat(channel.end).isEqualTo(reason);
  }

  private static ByteBuffer frame(String text) {
    return ByteBuffer.wrap(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
