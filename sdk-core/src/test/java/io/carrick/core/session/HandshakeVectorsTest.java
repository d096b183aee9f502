package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.frame.FrameParser;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.frame.Hello;
import io.carrick.core.frame.Welcome;
import io.carrick.core.session.auth.Binding;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.ResumeAttempt;
import io.carrick.core.session.auth.ResumeCheck;
import io.carrick.core.session.auth.SessionKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** docs/handshake.json is what both sides of this code compute. */
class HandshakeVectorsTest {

  private static final byte[] NONE = {};

  private final FrameParser parser = new FrameParser();
  private JsonNode vectors;
  private KeyShare initiator;
  private KeyShare acceptor;
  private Hello hello;
  private Welcome welcome;

  @BeforeEach
  void read() throws Exception {
    vectors = new JsonMapper().readTree(Path.of("..", "docs", "handshake.json"));
    hello = parse(bytes(vectors, "hello")).hello();
    welcome = parse(bytes(vectors, "welcome")).welcome();
    initiator = share("initiator_private_key", hello.keyShare());
    acceptor = share("acceptor_private_key", welcome.keyShare());
  }

  private static byte[] bytes(JsonNode node, String name) {
    return HexFormat.of().parseHex(node.get(name).asString());
  }

  private FrameParser parse(byte[] frame) throws Exception {
    parser.parse(ByteBuffer.wrap(frame));
    return parser;
  }

  private KeyShare share(String name, byte[] publicKey) throws Exception {
    byte[] bigEndian = new byte[KeyShare.BYTES];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = publicKey[bigEndian.length - 1 - i];
    }
    KeyFactory keys = KeyFactory.getInstance("X25519");
    return new KeyShare(
        new KeyPair(
            keys.generatePublic(
                new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, bigEndian))),
            keys.generatePrivate(
                new XECPrivateKeySpec(NamedParameterSpec.X25519, bytes(vectors, name)))));
  }

  /** Keys do not show their bytes: this is what they make of some others. */
  private static void assertKey(SessionKey key, byte[] expected) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(expected, "HmacSHA256"));
    assertThat(key.mac("probe", NONE)).isEqualTo(mac.doFinal("probe".getBytes("US-ASCII")));
  }

  private Welcome bare() {
    return new Welcome(
        welcome.version(),
        welcome.instance(),
        welcome.service(),
        welcome.session(),
        welcome.nonce(),
        welcome.keyShare(),
        welcome.limits(),
        welcome.contentTypes(),
        welcome.encodings(),
        welcome.floor(),
        welcome.endpoints(),
        NONE,
        NONE,
        welcome.redialMillis(),
        welcome.identityRequired());
  }

  private HandshakeFrames.Answer answer() throws Exception {
    byte[] bootId = vectors.get("boot_id").asString().getBytes(StandardCharsets.US_ASCII);
    return HandshakeFrames.seal(hello, bare(), acceptor, bootId);
  }

  @Test
  void bothSidesAgreeTheSecretAndTheTranscript() throws Exception {
    assertThat(initiator.publicKey()).isEqualTo(hello.keyShare());
    assertThat(acceptor.publicKey()).isEqualTo(welcome.keyShare());
    assertThat(initiator.agree(welcome.keyShare())).isEqualTo(bytes(vectors, "secret"));
    assertThat(acceptor.agree(hello.keyShare())).isEqualTo(bytes(vectors, "secret"));
    assertThat(HandshakeFrames.transcript(hello, welcome)).isEqualTo(bytes(vectors, "transcript"));
  }

  @Test
  void bothFramesAndTheKeyAreThose() throws Exception {
    HandshakeFrames.Answer answer = answer();

    assertThat(FrameWriter.hello(hello)).isEqualTo(bytes(vectors, "hello"));
    assertThat(FrameWriter.welcome(answer.welcome())).isEqualTo(bytes(vectors, "welcome"));
    assertKey(answer.binding().key(), bytes(vectors, "key"));
    assertKey(HandshakeFrames.agree(hello, welcome, initiator).key(), bytes(vectors, "key"));
  }

  @Test
  void eachResumeIsThat() throws Exception {
    Binding ours = HandshakeFrames.agree(hello, welcome, initiator);
    Binding theirs = answer().binding();

    for (JsonNode each : vectors.get("resumes")) {
      var resume = parse(bytes(each, "resume")).resume();
      var challenge = parse(bytes(each, "challenge")).challenge();
      var resumed = parse(bytes(each, "resumed")).resumed();
      assertKey(ours.key(), bytes(each, "key"));
      ResumeAttempt attempt = attempt(ours, resume.epoch(), each);
      ResumeCheck check = new ResumeCheck(resume, challenge.nonce(), challenge.pathNonce());

      assertThat(attempt.begin()).isEqualTo(bytes(each, "resume"));
      assertThat(check.challenge()).isEqualTo(bytes(each, "challenge"));
      assertThat(ResumeAttempt.transcript(resume, challenge)).isEqualTo(bytes(each, "transcript"));
      assertThat(attempt.prove(challenge)).isEqualTo(bytes(each, "proof"));
      SessionKey proved = check.proved(theirs, parse(bytes(each, "proof")).proof(), true);
      assertKey(proved, bytes(each, "key"));
      assertThat(check.adopt(theirs, proved, true)).isTrue();
      assertThat(check.resumed(theirs, resumed.cum())).isEqualTo(bytes(each, "resumed"));
      assertKey(theirs.key(), bytes(each, "next_key"));
      if (!each.get("about").asString().startsWith("RESUMED does not arrive")) {
        assertThat(attempt.confirm(resumed)).isTrue();
        assertKey(ours.key(), bytes(each, "next_key"));
        theirs.confirmed();
      }
    }

    assertThat(ours.epoch()).isEqualTo(theirs.epoch()).isEqualTo(4);
  }

  private ResumeAttempt attempt(Binding binding, long epoch, JsonNode each) throws Exception {
    var resume = parse(bytes(each, "resume")).resume();
    ResumeAttempt attempt;
    long tried;
    do { // Until one has the epoch of the example: those before came to nothing.
      attempt = new ResumeAttempt(binding, resume.nonce(), resume.pathKind(), resume.cum(), false);
      tried = parse(attempt.begin()).resume().epoch();
    } while (tried < epoch);
    return attempt;
  }
}
