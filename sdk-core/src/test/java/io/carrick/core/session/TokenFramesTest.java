package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Principal;
import io.carrick.SecurityLevel;
import io.carrick.StatusCode;
import io.carrick.VerifiedToken;
import io.carrick.core.frame.FrameType;
import io.carrick.core.frame.FrameWriter;
import io.carrick.core.session.auth.KeyShare;
import io.carrick.core.session.auth.Tokens;
import io.carrick.core.session.state.End;
import io.carrick.core.session.state.Exchange;
import io.carrick.core.session.state.Notices;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.CloseReason;
import io.carrick.spi.PeerInfo;
import io.carrick.testkit.Await;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a peer may say of tokens, frame by frame. */
class TokenFramesTest {

  private static final PeerInfo SOCKET =
      PeerInfo.of("s")
          .withPrincipal(new Principal("unix", "me"))
          .withSecurity(SecurityLevel.MUTUAL)
          .withSameHost(true);
  private static final PeerInfo CLEAR = PeerInfo.of("c");
  private static final PeerInfo BROKERED =
      PeerInfo.of("b").withSecurity(SecurityLevel.MUTUAL).withBrokered(true);

  private final AtomicInteger checked = new AtomicInteger();
  private final SessionRuntime runtime =
      new SessionRuntime("t", Runnable::run, new Budget(1 << 30), System::nanoTime);
  private final SessionConfig acceptor =
      SessionConfig.defaults("server", new byte[16], List.of(), 1 << 20)
          .withTokens(
              new Tokens(
                  null,
                  token -> {
                    checked.incrementAndGet();
                    int seconds = token.equals("short") ? 1 : 600;
                    return new VerifiedToken(token, Instant.now().plusSeconds(seconds));
                  },
                  true,
                  false));
  private final SessionConfig dialler =
      SessionConfig.defaults("client", HandshakeFrames.random(16), List.of(), 1 << 20);
  private final List<Session> sessions = new ArrayList<>();
  private final List<End> ends = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    runtime.close();
  }

  private Raw greet(PeerInfo path, String token) {
    Raw raw = new Raw(path);
    SessionEvents events =
        new SessionEvents() {
          @Override
          public void opened(Session s, Exchange x) {}

          @Override
          public void ended(Session s, End reason) {
            ends.add(reason);
          }
        };
    Session.accept(raw, acceptor, runtime, events, sessions::add);
    raw.say(FrameWriter.hello(HandshakeFrames.hello(dialler, "", KeyShare.create(), token)));
    return raw;
  }

  private static byte[] notice(long seq, byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(FrameWriter.sequencedSize(seq, body));
    FrameWriter.sequenced(frame, seq, body);
    return frame.array();
  }

  @Test
  void t14_aTokenThatNobodyAskedForEndsTheSession() throws Exception {
    Raw raw = greet(SOCKET, "alice");
    assertThat(raw.first().type()).isEqualTo(FrameType.WELCOME);
    assertThat(sessions.get(0).peer().principal()).isEqualTo(new Principal("token", "alice"));

    raw.say(notice(1, FrameWriter.notice(List.of(), false, false, "alice", false)));

    assertThat(ends).singleElement().asString().contains("a token that nobody asked for");
    assertThat(sessions.get(0).isOver()).isTrue();
    assertThat(checked).hasValue(1);
  }

  @Test
  void t14_aSessionWithoutAConnectionEndsWithItsTokenToo() throws Exception {
    Raw raw = greet(SOCKET, "short");
    assertThat(raw.first().type()).isEqualTo(FrameType.WELCOME);

    raw.receiver.onClosed(CloseReason.local("the test says so"));
    assertThat(sessions.get(0).isOver()).isFalse();

    Await.until("the token has expired", () -> sessions.get(0).isOver());
    assertThat(ends).singleElement().extracting(End::code).isEqualTo(StatusCode.UNAUTHENTICATED);
  }

  @Test
  void t14_helloWhereOthersCanReadItIsRefusedUnlooked() throws Exception {
    for (PeerInfo path : List.of(CLEAR, BROKERED)) {
      Raw raw = greet(path, "alice");

      assertThat(raw.first().type()).isEqualTo(FrameType.REJECT);
      assertThat(raw.first().reject().code()).isEqualTo(StatusCode.FAILED_PRECONDITION.number());
    }
    assertThat(checked).hasValue(0);
    assertThat(sessions).isEmpty();
  }

  @Test
  void t14_aTokenTooLongIsRefusedUnlooked() throws Exception {
    Raw raw = greet(SOCKET, "a".repeat(8_193));

    assertThat(raw.first().type()).isEqualTo(FrameType.REJECT);
    assertThat(raw.first().reject().code()).isEqualTo(StatusCode.UNAUTHENTICATED.number());
    assertThat(checked).hasValue(0);
  }

  @Test
  void t17_noTextShowsAToken() {
    assertThat(HandshakeFrames.hello(dialler, "", KeyShare.create(), "sEcReT").toString())
        .doesNotContain("sEcReT");
    assertThat(new Notices.Said(List.of(), false, false, "sEcReT", false).toString())
        .doesNotContain("sEcReT");
    assertThat(acceptor.tokens())
        .hasToString("Tokens[shows=false, checks=true, required=true, inClear=false]");
  }

  @Test
  void aSessionThatBeganWithATokenStaysWhereNobodyElseReads() throws Exception {
    greet(SOCKET, "alice");
    Session session = sessions.get(0);

    assertThat(session.path.judge(CLEAR).refusal()).contains("others can read");
    assertThat(session.path.judge(SOCKET).refusal()).isNull();
  }

  @Test
  void noFrameIsReadBeforeTheNodeKnowsTheSession() {
    SessionRuntime elsewhere =
        new SessionRuntime(
            "t", task -> new Thread(task, "check").start(), new Budget(1 << 30), System::nanoTime);
    Raw raw = new Raw(SOCKET);
    Thread reader = new Thread(() -> raw.say(FrameWriter.pong(1, 0)), "reader");
    CompletableFuture<Boolean> waited = new CompletableFuture<>();

    Session.accept(
        raw,
        acceptor,
        elsewhere,
        new SessionEvents() {
          @Override
          public void opened(Session s, Exchange x) {}

          @Override
          public void ended(Session s, End reason) {}
        },
        session -> {
          reader.start();
          while (reader.isAlive() && reader.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
          }
          waited.complete(reader.isAlive());
        });
    raw.say(FrameWriter.hello(HandshakeFrames.hello(dialler, "", KeyShare.create(), "alice")));

    assertThat(Await.result(waited)).isTrue();
    elsewhere.close();
  }
}
