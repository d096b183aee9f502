package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.core.frame.Challenge;
import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resume;
import io.carrick.core.frame.Resumed;
import io.carrick.core.frame.Welcome;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.PathRules;
import io.carrick.core.session.auth.ResumeAttempt;
import io.carrick.core.session.auth.Resumption;
import io.carrick.core.session.auth.SessionKey;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.PeerInfo;
import io.carrick.wire.v1.Frame;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Nobody but the initiator resumes a session (T1), nobody lowers it (T2), and nobody learns how.
 */
class ResumeSecurityTest {

  private static final PeerInfo PATH = PeerInfo.of("test");

  private final SessionRuntime runtime =
      new SessionRuntime("test", Runnable::run, new Budget(1L << 30), System::nanoTime);
  private final SessionConfig trusting =
      SessionConfig.defaults("server", id(1), List.of("text/plain"), 4 << 20);
  private final SessionConfig acceptor = trusting.withResumption(Resumption.DEFAULT.relying(true));
  private final SessionConfig dialler =
      SessionConfig.defaults("client", id(2), List.of("text/plain"), 4 << 20);
  private Binding binding;
  private Session session;

  private static byte[] id(int first) {
    byte[] id = new byte[16];
    id[0] = (byte) first;
    return id;
  }

  private final List<Session> sessions = new ArrayList<>();

  private Raw dial(PeerInfo path) {
    return dial(path, acceptor);
  }

  private Raw dial(PeerInfo path, SessionConfig config) {
    Raw raw = new Raw(path);
    SessionEvents events =
        new SessionEvents() {
          @Override
          public void opened(Session s, Exchange x) {}

          @Override
          public void ended(Session s, End reason) {}
        };
    Session.accept(raw, config, runtime, events, sessions::add);
    return raw;
  }

  @BeforeEach
  void open() throws Exception {
    KeyShare share = KeyShare.create();
    Hello hello = HandshakeFrames.hello(dialler, "", share, "");
    Raw raw = dial(PATH);
    raw.say(FrameWriter.hello(hello));
    FrameParser parser = new FrameParser();
    parser.parse(ByteBuffer.wrap(raw.sent.get(0)));
    binding = HandshakeFrames.agree(hello, parser.welcome(), share);
    session = sessions.get(0);
  }

  @AfterEach
  void close() {
    sessions.forEach(s -> s.abort(io.carrick.StatusCode.UNAVAILABLE, "the test is over"));
    runtime.close();
  }

  private ResumeAttempt attempt() {
    return new ResumeAttempt(binding, HandshakeFrames.random(32), "none", 0, false);
  }

  @Test
  void t01_whoHasTheKeyResumes() throws Exception {
    ResumeAttempt attempt = attempt();
    Raw raw = dial(PATH);
    raw.say(attempt.begin());
    raw.say(attempt.prove(raw.read().challenge()));

    FrameParser answer = new FrameParser();
    answer.parse(ByteBuffer.wrap(raw.sent.get(1)));
    assertThat(answer.type()).isEqualTo(FrameType.RESUMED);
    assertThat(attempt.confirm(answer.resumed())).isTrue();
    assertThat(raw.closed).isFalse();
  }

  @Test
  void whoResumesMeasuresThePathSixteenTimesAtMost() throws Exception {
    for (int pings : new int[] {16, 17}) {
      ResumeAttempt attempt = attempt();
      Raw raw = dial(PATH);
      raw.say(attempt.begin());
      byte[] proof = attempt.prove(raw.read().challenge());
      for (int token = 1; token <= pings; token++) {
        raw.say(FrameWriter.ping(token, 0));
      }
      raw.say(proof);

      assertThat(raw.closed).isEqualTo(pings > 16);
      // CHALLENGE, and a PONG for each of the 16; then the answer to PROOF, if it was heard.
      assertThat(raw.sent.size() > 17).isEqualTo(pings == 16);
      if (pings == 16) {
        FrameParser answer = new FrameParser();
        answer.parse(ByteBuffer.wrap(raw.sent.get(17)));
        assertThat(answer.type()).isEqualTo(FrameType.RESUMED);
      }
    }
  }

  @Test
  void t01_aRecordedResumeIsRefusedWhenItIsSaidAgain() throws Exception {
    ResumeAttempt attempt = attempt();
    byte[] begin = attempt.begin();
    Raw first = dial(PATH);
    first.say(begin);
    byte[] proof = attempt.prove(first.read().challenge());
    first.say(proof);

    Raw again = dial(PATH);
    again.say(begin);
    again.say(proof);

    assertRefused(again);
  }

  @Test
  void t01_anOldEpochIsRefused() throws Exception {
    ResumeAttempt old = attempt();
    ResumeAttempt newer = attempt();
    Raw first = dial(PATH);
    first.say(newer.begin());
    first.say(newer.prove(first.read().challenge()));

    Raw late = dial(PATH);
    late.say(old.begin());
    late.say(old.prove(late.read().challenge()));

    assertRefused(late);
  }

  @Test
  void t01_aWrongProofAnUnknownSessionAndAnotherInstanceGetTheSameBytes() throws Exception {
    Set<String> answers = new HashSet<>();

    Raw wrongProof = dial(PATH);
    wrongProof.say(attempt().begin());
    wrongProof.say(FrameWriter.proof(new Proof(new byte[32])));
    answers.add(hex(wrongProof.last()));

    Raw unknown = dial(PATH);
    unknown.say(resume(HandshakeFrames.random(16), id(1)));
    unknown.say(FrameWriter.proof(new Proof(new byte[32])));
    answers.add(hex(unknown.last()));

    Raw otherInstance = dial(PATH);
    otherInstance.say(resume(binding.session(), id(9)));
    answers.add(hex(otherInstance.last()));

    assertThat(answers).hasSize(1);
    assertThat(session.isAttached()).isTrue();
  }

  @Test
  void aLogThatFailsKeepsNoAnswerFromAPeer() {
    Handler broken =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            throw new NoClassDefFoundError("what the log needs");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Audit.NAME);
    Raw unknown = dial(PATH);
    unknown.say(resume(HandshakeFrames.random(16), id(1)));
    log.addHandler(broken);
    try {
      unknown.say(FrameWriter.proof(new Proof(new byte[32])));
    } finally {
      log.removeHandler(broken);
    }

    assertRefused(unknown);
  }

  private byte[] resume(byte[] sid, byte[] server) {
    return FrameWriter.resume(new Resume(sid, id(2), server, 1, new byte[32], "none", 0));
  }

  @Test
  void t01_aMillionRandomSessionsAreNotFound() {
    long seed = 20261123;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] guess = new byte[16];
    int found = 0;
    for (int i = 0; i < 1_000_000; i++) {
      random.nextBytes(guess);
      found += runtime.resumable(guess) == null ? 0 : 1;
    }
    assertThat(found).isZero();
    assertThat(runtime.resumable(binding.session())).isSameAs(session);

    Set<String> answers = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      random.nextBytes(guess);
      Raw raw = dial(PATH);
      raw.say(resume(guess, id(1)));
      raw.say(FrameWriter.proof(new Proof(guess)));
      assertRefused(raw);
      answers.add(hex(raw.last()));
    }
    assertThat(answers).hasSize(1);
  }

  @Test
  void t01_theRightProofUnderAnotherPrincipalIsRefused() throws Exception {
    sessions.clear();
    PeerInfo alice =
        PeerInfo.of("a")
            .withPrincipal(new Principal("tls", "alice"))
            .withSecurity(SecurityLevel.MUTUAL);
    PeerInfo mallory =
        PeerInfo.of("m")
            .withPrincipal(new Principal("tls", "mallory"))
            .withSecurity(SecurityLevel.MUTUAL);
    KeyShare share = KeyShare.create();
    Hello hello = HandshakeFrames.hello(dialler, "", share, "");
    Raw raw = dial(alice);
    raw.say(FrameWriter.hello(hello));
    FrameParser parser = new FrameParser();
    parser.parse(ByteBuffer.wrap(raw.sent.get(0)));
    binding = HandshakeFrames.agree(hello, parser.welcome(), share);

    for (PeerInfo other : List.of(mallory, PATH)) {
      ResumeAttempt attempt = attempt();
      Raw stolen = dial(other);
      stolen.say(attempt.begin());
      stolen.say(attempt.prove(stolen.read().challenge()));
      assertRefused(stolen);
    }

    ResumeAttempt own = attempt();
    Raw back = dial(alice);
    back.say(own.begin());
    back.say(own.prove(back.read().challenge()));
    assertThat(back.closed).isFalse();
  }

  @Test
  void t01_rightsFallWhereNobodyReliesOnThemAndNeverRiseAgain() throws Exception {
    PeerInfo alice =
        PeerInfo.of("a:1")
            .withPrincipal(new Principal("tls", "alice"))
            .withSecurity(SecurityLevel.MUTUAL);
    KeyShare share = KeyShare.create();
    Hello hello = HandshakeFrames.hello(dialler, "", share, "");
    Raw raw = dial(alice, trusting);
    raw.say(FrameWriter.hello(hello));
    FrameParser parser = new FrameParser();
    parser.parse(ByteBuffer.wrap(raw.sent.get(0)));
    assertThat(parser.welcome().identityRequired()).isFalse();
    binding = HandshakeFrames.agree(hello, parser.welcome(), share);
    Session falling = sessions.get(sessions.size() - 1);
    assertThat(falling.peer().principal()).isEqualTo(alice.principal());

    for (PeerInfo path : List.of(PATH, alice, PATH)) {
      ResumeAttempt attempt = attempt();
      Raw other = dial(path, trusting);
      other.say(attempt.begin());
      other.say(attempt.prove(other.read().challenge()));
      FrameParser answer = new FrameParser();
      answer.parse(ByteBuffer.wrap(other.sent.get(1)));
      assertThat(attempt.confirm(answer.resumed())).isTrue();

      assertThat(other.closed).isFalse();
      assertThat(falling.peer().principal()).isEqualTo(Principal.NONE);
      assertThat(falling.path().address()).isEqualTo(path.address());
    }
  }

  @Test
  void t01_whoReliesOnWhoThePeerIsSaysSo() throws Exception {
    PeerInfo alice =
        PeerInfo.of("a:1")
            .withPrincipal(new Principal("tls", "alice"))
            .withSecurity(SecurityLevel.MUTUAL);
    SessionConfig floor = trusting.withFloor(SecurityLevel.MUTUAL);
    for (SessionConfig config : List.of(acceptor, floor)) {
      Raw raw = dial(alice, config);
      raw.say(FrameWriter.hello(HandshakeFrames.hello(dialler, "", KeyShare.create(), "")));
      FrameParser parser = new FrameParser();
      parser.parse(ByteBuffer.wrap(raw.sent.get(0)));
      assertThat(parser.welcome().identityRequired()).isTrue();
    }
  }

  @Test
  void t02_aPathBelowTheFloorIsRefusedOnBothSides() throws Exception {
    session.raiseFloor(SecurityLevel.MUTUAL);
    ResumeAttempt attempt = attempt();
    Raw raw = dial(PATH);
    raw.say(attempt.begin());
    raw.say(attempt.prove(raw.read().challenge()));
    assertRefused(raw);

    PeerInfo brokered = PeerInfo.of("b").withSecurity(SecurityLevel.MUTUAL).withBrokered(true);
    assertThat(
            PathRules.judge(Principal.NONE, SecurityLevel.ENCRYPTED, brokered, Resumption.DEFAULT)
                .refusal())
        .contains("gives security NONE")
        .contains("floor is ENCRYPTED");
  }

  @Test
  void t02_whatWasSaidCannotBeChangedOnTheWay() throws Exception {
    KeyShare share = KeyShare.create();
    Hello hello = HandshakeFrames.hello(dialler, "", share, "");
    byte[] said = FrameWriter.welcome(HandshakeFrames.answer(acceptor, hello, 7, true).welcome());
    Map<String, Consumer<io.carrick.wire.v1.Welcome.Builder>> changes = new LinkedHashMap<>();
    changes.put("nothing", w -> {});
    changes.put("floor", w -> w.setFloor(3));
    changes.put("endpoints", w -> w.addEndpoints("unix:/tmp/evil"));
    changes.put("limits", w -> w.getLimitsBuilder().setMaxMessageBytes(1));
    changes.put("credit", w -> w.getLimitsBuilder().setInitialBytes(1));
    changes.put("calls", w -> w.getLimitsBuilder().setCalls(1));
    changes.put("streams", w -> w.getLimitsBuilder().setStreams(1));
    changes.put("redial_ms", w -> w.setRedialMs(60_000));
    changes.put("host", w -> w.setHost(ByteString.copyFrom(new byte[32])));
    changes.put("no host", w -> w.setHost(ByteString.copyFrom(new byte[0])));
    changes.put("mac", w -> w.setMac(ByteString.copyFrom(new byte[32])));
    FrameParser parser = new FrameParser();

    for (var change : changes.entrySet()) {
      Frame.Builder frame = Frame.parseFrom(said).toBuilder();
      change.getValue().accept(frame.getWelcomeBuilder());
      parser.parse(ByteBuffer.wrap(frame.build().toByteArray()));
      Welcome heard = parser.welcome();

      // Where the host does not say who it is, there is no host to leave out.
      if (frame.build().equals(Frame.parseFrom(said))) {
        assertThat(HandshakeFrames.agree(hello, heard, share)).isNotNull();
      } else {
        assertThatThrownBy(() -> HandshakeFrames.agree(hello, heard, share))
            .as(change.getKey())
            .isInstanceOf(GeneralSecurityException.class)
            .hasMessageContaining("does not prove");
      }
    }
  }

  @Test
  void t16_aKeyOfSmallOrderGivesNoSecret() {
    assertThatThrownBy(() -> KeyShare.create().agree(new byte[32]))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> KeyShare.create().agree(new byte[31])).hasMessageContaining("31");
  }

  @Test
  void t17_noTextShowsASecret() throws Exception {
    KeyShare share = KeyShare.create();
    SessionKey key = SessionKey.derive(share.agree(KeyShare.create().publicKey()), id(1), "test");
    assertThat(key).hasToString("SessionKey[***]");
    assertThat(share).hasToString("KeyShare[***]");
    Resumed resumed = new Resumed(1, 2, HandshakeFrames.random(32));
    assertThat(resumed).hasToString("Resumed[epoch=1]");
    assertThat(new Proof(HandshakeFrames.random(32))).hasToString("Proof[]");
    assertThat(new Challenge(id(1), id(2))).hasToString("Challenge[]");
    assertThat(session.toString()).doesNotContain(binding.id());
    assertThat(binding.toString()).doesNotContain(binding.id());
  }

  @Test
  void keysAreApartByPurposeAndByResume() {
    byte[] secret = new byte[32];
    byte[] salt = id(1);
    SessionKey key = SessionKey.derive(secret, salt, "a");
    byte[] mac = key.mac("m", salt);

    assertThat(SessionKey.derive(secret, salt, "a").mac("m", salt)).isEqualTo(mac);
    assertThat(SessionKey.derive(secret, salt, "b").mac("m", salt)).isNotEqualTo(mac);
    assertThat(key.mac("n", salt)).isNotEqualTo(mac);
    assertThat(key.next(salt).mac("m", salt)).isNotEqualTo(mac);
  }

  private static void assertRefused(Raw raw) {
    assertThat(raw.closed).isTrue();
    FrameParser parser = new FrameParser();
    try {
      parser.parse(ByteBuffer.wrap(raw.last()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertThat(parser.type()).isEqualTo(FrameType.REJECT);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
