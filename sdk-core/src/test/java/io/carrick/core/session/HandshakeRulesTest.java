package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.carrick.ConnectException;
import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.Reject;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Text;
import io.carrick.core.session.auth.HandshakeRules;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.core.session.state.SessionCore;
import io.carrick.core.session.state.ViolationException;
import io.carrick.spi.PeerInfo;
import io.carrick.wire.v1.Cancel;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Hello;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Limits;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Welcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may put into the fields of a handshake, and numbers above the signed ones. */
class HandshakeRulesTest {

  private static final PeerInfo PATH = PeerInfo.of("test");
  private static final SessionConfig CONFIG =
      SessionConfig.defaults("orders", new byte[16], List.of("text/plain"), 4 << 20);

  private final FrameParser parser = new FrameParser();
  private final SessionCore core =
      new SessionCore(
          CONFIG,
          false,
          new io.carrick.core.frame.ReceiveLimits(4 << 20, 64 << 10, 64, 64),
          true,
          0);

  private void parse(Frame frame) throws Exception {
    parser.parse(ByteBuffer.wrap(frame.toByteArray()));
  }

  private Reject hello(Consumer<Hello.Builder> change) throws Exception {
    Hello.Builder hello =
        Hello.newBuilder()
            .setMinVersion(1)
            .setMaxVersion(1)
            .setInstance(bytes(16))
            .setService("web")
            .setNonce(bytes(32))
            .addContentTypes("text/plain")
            .setLimits(Limits.newBuilder().setMaxMessageBytes(1));
    change.accept(hello);
    parse(Frame.newBuilder().setHello(hello).build());
    return HandshakeFrames.refuse(parser.hello(), CONFIG, PATH);
  }

  private ConnectException welcome(Consumer<Welcome.Builder> change) throws Exception {
    Welcome.Builder welcome =
        Welcome.newBuilder()
            .setVersion(1)
            .setInstance(bytes(16))
            .setService("orders")
            .setSession(bytes(16))
            .setNonce(bytes(32))
            .addContentTypes("text/plain")
            .setLimits(Limits.newBuilder().setMaxMessageBytes(1));
    change.accept(welcome);
    parse(Frame.newBuilder().setWelcome(welcome).build());
    return HandshakeFrames.refuse(parser.welcome(), "");
  }

  private static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private void receive(Frame.Builder frame) throws Exception {
    byte[] bytes = frame.build().toByteArray();
    parser.parse(ByteBuffer.wrap(bytes));
    core.onFrame(parser, bytes.length, 0);
  }

  @Test
  void theLongestNameOfAServiceIsTaken() throws Exception {
    String longest = "a".repeat(63);

    assertThat(hello(h -> h.setService(longest))).isNull();
    assertThat(welcome(w -> w.setService(longest))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Web",
        "-web",
        "web\n2026-11-28 ERROR payments: login of admin succeeded",
        "web\u202e",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void whatIsNoNameOfAServiceIsRefused(String name) throws Exception {
    String refusal = "service \"" + Text.printable(name) + "\" must match [a-z0-9][a-z0-9-]{0,62}";

    assertThat(hello(h -> h.setService(name)).message()).isEqualTo(refusal);
    assertThat(welcome(w -> w.setService(name))).hasMessageContaining(refusal);
    if (!name.isEmpty()) {
      assertThat(hello(h -> h.setExpectedService(name)).message()).isEqualTo("expected_" + refusal);
    }
  }

  @Test
  void listsHoldPrintableNamesOf255Characters() throws Exception {
    String longest = "t".repeat(255);

    assertThat(hello(h -> h.addContentTypes(longest).addEncodings(longest))).isNull();
    assertThat(welcome(w -> w.addContentTypes(longest).addEncodings(longest))).isNull();
    for (String wrong : List.of("", longest + "t", "text/\nplain", "text/pl\u00e4in", "a\u0000")) {
      assertThat(hello(h -> h.addContentTypes(wrong)).message()).contains("content_types");
      assertThat(hello(h -> h.addEncodings(wrong)).message()).contains("encodings");
      assertThat(welcome(w -> w.addContentTypes(wrong))).hasMessageContaining("content_types");
      assertThat(welcome(w -> w.addEncodings(wrong))).hasMessageContaining("encodings");
    }
  }

  @Test
  void bytesHaveTheirLength() throws Exception {
    assertThat(hello(h -> h.setKeyShare(bytes(32)))).isNull();
    for (int length : new int[] {0, 31, 33}) {
      assertThat(hello(h -> h.setNonce(bytes(length))).message()).contains("nonce");
      assertThat(welcome(w -> w.setNonce(bytes(length)))).hasMessageContaining("nonce");
    }
    for (int length : new int[] {1, 31, 33}) {
      assertThat(hello(h -> h.setKeyShare(bytes(length))).message()).contains("key_share");
      assertThat(welcome(w -> w.setKeyShare(bytes(length)))).hasMessageContaining("key_share");
      assertThat(welcome(w -> w.setMac(bytes(length)))).hasMessageContaining("mac");
      assertThat(welcome(w -> w.setHost(bytes(length)))).hasMessageContaining("host");
    }
    assertThat(hello(h -> h.setInstance(bytes(15))).message()).contains("instance");
    assertThat(hello(h -> h.setInstance(bytes(17))).message()).contains("instance");
    assertThat(welcome(w -> w.setKeyShare(bytes(32)).setMac(bytes(32)).setHost(bytes(32))))
        .isNull();
    assertThat(welcome(w -> w.setSession(bytes(0)))).hasMessageContaining("session");
    assertThat(welcome(w -> w.setSession(bytes(17)))).hasMessageContaining("session");
    assertThat(welcome(w -> w.setInstance(bytes(0)))).hasMessageContaining("instance");
  }

  @Test
  void versionsAndFloorsAreUnsigned() throws Exception {
    assertThat(hello(h -> h.setMaxVersion(Integer.MIN_VALUE))).isNull();
    assertThat(hello(h -> h.setMaxVersion(-1))).isNull();
    assertThat(hello(h -> h.setMinVersion(-1).setMaxVersion(-1)).message())
        .contains("versions 4294967295 to 4294967295");
    assertThat(hello(h -> h.setFloor(-1)).message()).contains("floor 4294967295");
    assertThat(hello(h -> h.setFloor(4)).message()).contains("floor 4 is no security level");
    assertThat(welcome(w -> w.setFloor(-1))).hasMessageContaining("floor");
    assertThat(welcome(w -> w.setVersion(-1))).hasMessageContaining("version 4294967295");
  }

  @Test
  void limitsSaturate() throws Exception {
    assertThat(
            hello(
                h ->
                    h.setLimits(
                        Limits.newBuilder()
                            .setMaxMessageBytes(-1)
                            .setInitialBytes(-1)
                            .setCalls(-1)
                            .setStreams(-1))))
        .isNull();
    assertThat(hello(h -> h.setLimits(Limits.newBuilder())).message()).contains("limits");
  }

  @Test
  void aSeqBeyondTheSignedOnesIsAGapAndNotOld() throws Exception {
    receive(
        Frame.newBuilder()
            .setSeq(Long.MIN_VALUE)
            .setOpen(Open.newBuilder().setExchange(1).setTopic("t")));

    assertThat(core.attached()).isFalse();
    assertThat(core.brokenBy()).contains("a gap");
  }

  @Test
  void anExchangeBeyondTheSignedOnesWasOpenedByNobody() {
    assertThatThrownBy(
            () ->
                receive(
                    Frame.newBuilder()
                        .setSeq(1)
                        .setItem(Item.newBuilder().setExchange(-1).setPresent(true))))
        .isInstanceOf(ViolationException.class)
        .hasMessageContaining("18446744073709551615, which nobody opened");
    assertThatThrownBy(
            () ->
                receive(
                    Frame.newBuilder()
                        .setSeq(2)
                        .setCancel(Cancel.newBuilder().setExchange(Long.MIN_VALUE))))
        .isInstanceOf(ViolationException.class)
        .hasMessageContaining("which nobody opened");
    assertThatThrownBy(
            () ->
                receive(
                    Frame.newBuilder()
                        .setSeq(3)
                        .setOpen(Open.newBuilder().setExchange(-1).setTopic("t"))))
        .isInstanceOf(ViolationException.class)
        .hasMessageContaining("OPEN of exchange 18446744073709551615");
  }

  @Test
  void aResumeAndAChallengeHaveTheirLengths() {
    assertThat(HandshakeRules.sane(resume(16, 16, 32, "unix"))).isTrue();
    assertThat(HandshakeRules.sane(resume(15, 16, 32, "unix"))).isFalse();
    assertThat(HandshakeRules.sane(resume(16, 17, 32, "unix"))).isFalse();
    assertThat(HandshakeRules.sane(resume(16, 16, 0, "unix"))).isFalse();
    assertThat(HandshakeRules.sane(resume(16, 16, 32, "k".repeat(255)))).isTrue();
    assertThat(HandshakeRules.sane(resume(16, 16, 32, "k".repeat(256)))).isFalse();
    assertThat(HandshakeRules.sane(new Challenge(new byte[32], new byte[32]))).isTrue();
    assertThat(HandshakeRules.sane(new Challenge(new byte[0], new byte[32]))).isFalse();
    assertThat(HandshakeRules.sane(new Challenge(new byte[32], new byte[33]))).isFalse();
  }

  private static Resume resume(int session, int instance, int nonce, String kind) {
    return new Resume(
        new byte[session], new byte[instance], new byte[16], 1, new byte[nonce], kind, 0);
  }
}
