package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.Emitter;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Item;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Ping;
import io.carrick.wire.v1.Proof;
import io.carrick.wire.v1.Resume;
import io.carrick.wire.v1.Welcome;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/wire-format.md against a peer that says what it wants. The golden bytes and the handshake
 * are in the tests of the core; {@link WirePeerTest} has peers that were written from the page.
 */
@Timeout(60)
final class WireFormatPageTest {

  private static final int MAX_MESSAGE_BYTES = 100_000;

  /** The base point of X25519: nobody's key, but one. */
  private static final ByteString KEY_SHARE = ByteString.copyFrom(basePoint());

  private static final ByteString INSTANCE = ByteString.copyFrom(new byte[16]);

  @TempDir Path directory;
  private Messenger server;

  private static byte[] basePoint() {
    byte[] point = new byte[32];
    point[0] = 9;
    return point;
  }

  @BeforeEach
  void start() {
    server =
        Messenger.builder("server")
            .listen("unix:" + directory.resolve("s"))
            .maxMessageBytes(MAX_MESSAGE_BYTES)
            .build();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private RawPeer connect() {
    return RawPeer.connect(server.endpoints().get(0));
  }

  private static Frame ping(long token) {
    return Frame.newBuilder().setPing(Ping.newBuilder().setToken(token)).build();
  }

  /** Begins to resume a session of its own, as far as the CHALLENGE. */
  private static void challenged(RawPeer first, RawPeer second) {
    first.send(
        Frame.newBuilder()
            .setHello(RawPeer.hello().setInstance(INSTANCE).setKeyShare(KEY_SHARE))
            .build());
    Welcome welcome = first.next().getWelcome();
    second.send(
        Frame.newBuilder()
            .setResume(
                Resume.newBuilder()
                    .setSession(welcome.getSession())
                    .setClientInstance(INSTANCE)
                    .setServerInstance(welcome.getInstance())
                    .setEpoch(1)
                    .setNonce(ByteString.copyFrom(new byte[32]))
                    .setPathKind("unix"))
            .build());
    assertThat(second.next().hasChallenge()).isTrue();
  }

  @Test
  void betweenChallengeAndProofTheInitiatorMaySayPingUpTo16Times() {
    try (RawPeer first = connect();
        RawPeer second = connect()) {
      challenged(first, second);

      for (int token = 1; token <= 16; token++) {
        second.send(ping(token));
        Frame pong = second.next();
        assertThat(pong.getPong().getToken()).isEqualTo(token);
        assertThat(pong.getPong().getCum()).isZero();
      }
      second.send(
          Frame.newBuilder()
              .setProof(Proof.newBuilder().setMac(ByteString.copyFrom(new byte[32])))
              .build());

      assertThat(second.next().hasReject()).as("PROOF is looked at, and refused").isTrue();
    }
  }

  @Test
  void anotherPingThereEndsTheAttemptAndNotTheSession() {
    try (RawPeer first = connect();
        RawPeer second = connect()) {
      challenged(first, second);

      for (int token = 1; token <= 17; token++) {
        second.send(ping(token));
      }

      second.awaitClose();
      first.send(ping(99));
      assertThat(first.next().getPong().getToken()).isEqualTo(99);
    }
  }

  @Test
  void aValueBeyondMaxMessageBytesIsRefusedAtItsFirstFrameAndTheChannelWasDelivered() {
    server.handleChannel(
        "sum",
        byte[].class,
        (values, call) -> {
          values.subscribe(Items.all());
          return Emitter.create();
        });
    try (RawPeer raw = RawPeer.client(server.endpoints().get(0))) {
      raw.send(
          Frame.newBuilder()
              .setSeq(1)
              .setOpen(
                  Open.newBuilder()
                      .setExchange(1)
                      .setKind(Kind.CHANNEL)
                      .setTopic("sum")
                      .setItems(1))
              .build());
      assertThat(raw.next().hasCredit()).isTrue();

      raw.send(
          Frame.newBuilder()
              .setSeq(2)
              .setItem(
                  Item.newBuilder()
                      .setExchange(1)
                      .setPresent(true)
                      .setMore(true)
                      .setLength(MAX_MESSAGE_BYTES + 1)
                      .setContentType("application/octet-stream")
                      .setPayload(ByteString.copyFrom(new byte[10])))
              .build());

      Frame refusal = raw.next();
      assertThat(refusal.getError().getCode()).isEqualTo(StatusCode.RESOURCE_EXHAUSTED.number());
      assertThat(refusal.getError().getNotDelivered()).as("its handler has seen it").isFalse();
    }
  }
}
