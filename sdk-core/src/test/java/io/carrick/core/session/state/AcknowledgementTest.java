package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an ACK goes, and what it grants (F6, F10): each limit from both sides. */
class AcknowledgementTest {

  private static final long NOW = 5_000_000_000L;
  private static final long NEVER = NOW + 1_000_000_000_000L;
  private static final SessionConfig CONFIG =
      SessionConfig.defaults("test", new byte[16], List.of(), 4 << 20);

  private final Acknowledgement ack = new Acknowledgement(CONFIG);

  private void frames(int count, int size) {
    for (int i = 0; i < count; i++) {
      ack.accepted(ack.cum() + 1, size, NOW);
    }
  }

  private List<FrameParser> collected(boolean writing) throws Exception {
    List<byte[]> frames = new ArrayList<>();
    ack.collect(frames, writing);
    List<FrameParser> parsed = new ArrayList<>();
    for (byte[] frame : frames) {
      FrameParser parser = new FrameParser();
      parser.parse(ByteBuffer.wrap(frame));
      parsed.add(parser);
    }
    return parsed;
  }

  @Test
  void itGoesByItselfAfter64FramesAndNotAfter63() throws Exception {
    frames(63, 10);
    assertThat(ack.mustWrite()).isFalse();
    assertThat(collected(false)).isEmpty();

    frames(1, 10);
    assertThat(ack.mustWrite()).isTrue();
    assertThat(collected(false)).singleElement().extracting(FrameParser::cum).isEqualTo(64L);

    frames(63, 10);
    assertThat(ack.mustWrite()).as("counted anew").isFalse();
  }

  @Test
  void itGoesByItselfAfter128KibAndNotBefore() throws Exception {
    ack.accepted(1, 65_536, NOW);
    ack.accepted(2, 65_535, NOW);
    assertThat(ack.mustWrite()).isFalse();

    ack.accepted(3, 1, NOW);
    assertThat(ack.mustWrite()).isTrue();

    collected(false);
    ack.accepted(4, 65_536, NOW);
    assertThat(ack.mustWrite()).as("counted anew").isFalse();
  }

  @Test
  void itGoes25MillisecondsAfterTheFirstFrameThatItIsFor() {
    assertThat(ack.nextTick(NEVER)).isEqualTo(NEVER);
    ack.accepted(1, 10, NOW);
    ack.accepted(2, 10, NOW + 20_000_000);

    assertThat(ack.nextTick(NEVER)).isEqualTo(NOW + 25_000_000);
    assertThat(ack.nextTick(NOW + 1)).as("something else is due before").isEqualTo(NOW + 1);
    ack.tick(NOW + 24_999_999);
    assertThat(ack.mustWrite()).isFalse();
    ack.tick(NOW + 25_000_000);
    assertThat(ack.mustWrite()).isTrue();
    assertThat(ack.nextTick(NEVER)).as("it is the writer's now").isEqualTo(NEVER);
  }

  @Test
  void itRidesOnAnyWriteWhereItIsOwed() throws Exception {
    assertThat(collected(true)).isEmpty();
    frames(1, 10);

    assertThat(collected(true)).hasSize(1);
    assertThat(collected(true)).isEmpty();
    assertThat(ack.isOwed()).isFalse();
  }

  @Test
  void aFrameThatCameBeforeIsAcknowledgedAgain() throws Exception {
    frames(1, 10);
    collected(true);

    ack.received(10, NOW);

    assertThat(ack.isOwed()).isTrue();
    assertThat(collected(true)).singleElement().extracting(FrameParser::cum).isEqualTo(1L);
  }

  @Test
  void anotherConnectionIsToldAtOnceAndAnswersNoOldPing() throws Exception {
    ack.ping(7);
    ack.restart();

    assertThat(ack.mustWrite()).isTrue();
    assertThat(collected(false))
        .singleElement()
        .extracting(FrameParser::type)
        .isEqualTo(FrameType.ACK);
  }

  @Test
  void aPingIsAnsweredAtOnceAndOnce() throws Exception {
    frames(3, 10);
    ack.ping(7);

    assertThat(ack.mustWrite()).isTrue();
    FrameParser pong = collected(false).get(0);
    assertThat(pong.type()).isEqualTo(FrameType.PONG);
    assertThat(pong.token()).isEqualTo(7);
    assertThat(pong.cum()).isEqualTo(3);
    assertThat(ack.mustWrite()).isFalse();
  }

  @Test
  void whatIsOwedIsHurriedAndNothingElse() {
    ack.hurry();
    assertThat(ack.mustWrite()).isFalse();

    frames(1, 10);
    ack.hurry();
    assertThat(ack.mustWrite()).isTrue();
  }

  @Test
  void theGrantOfOneSortIsUsedUpByThatSortOnly() {
    for (int i = 0; i < 64; i++) {
      assertThat(ack.opened(true, false)).as("call " + (i + 1)).isTrue();
      assertThat(ack.opened(false, false)).as("stream " + (i + 1)).isTrue();
    }
    assertThat(ack.opened(true, false)).isFalse();
    assertThat(ack.opened(false, false)).isFalse();
  }

  @Test
  void aPeerThatMayStandStillIsToldAtOnce() throws Exception {
    for (int i = 0; i < 64; i++) {
      ack.opened(true, false);
    }
    for (int i = 0; i < 31; i++) {
      ack.ended(true);
    }
    assertThat(ack.mustWrite()).isFalse();

    ack.ended(true);

    assertThat(ack.mustWrite()).isTrue();
    FrameParser said = collected(false).get(0);
    assertThat(said.calls()).isEqualTo(64 + 32);
    assertThat(said.streams()).isEqualTo(64);
  }

  @Test
  void aGrantThatIsOwedRidesOnAnyWrite() throws Exception {
    ack.opened(false, false);
    ack.ended(false);

    assertThat(collected(false)).isEmpty();
    assertThat(collected(true).get(0).streams()).isEqualTo(65);
  }

  @Test
  void aWindowThatIsUsedGrowsToItsBoundWhereThereIsMemory() {
    OpenGrant poor = new OpenGrant(2, 8);
    poor.opened(false);
    poor.opened(false);
    assertThat(poor.announce()).isEqualTo(2);

    OpenGrant grant = new OpenGrant(2, 6);
    grant.opened(true);
    assertThat(grant.announce()).as("half of it is used").isEqualTo(2);
    grant.opened(true);
    assertThat(grant.announce()).as("all of it is used").isEqualTo(4);
    grant.opened(true);
    grant.opened(true);
    assertThat(grant.announce()).isEqualTo(6);
    grant.opened(true);
    grant.opened(true);
    assertThat(grant.announce()).as("the most").isEqualTo(6);
    assertThat(grant.opened(true)).isFalse();
  }

  @Test
  void aWindowOfOneIsUrgentWithEachEnd() {
    OpenGrant grant = new OpenGrant(1, 1);
    grant.opened(true);
    assertThat(grant.urgent()).isFalse();

    grant.ended();

    assertThat(grant.urgent()).isTrue();
    assertThat(grant.announce()).isEqualTo(2);
    assertThat(grant.urgent()).isFalse();
    assertThat(grant.owed()).isFalse();
  }
}
