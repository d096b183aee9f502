package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectException;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of TokenVerifier and "Tokens" of docs/security.md: one that takes its time. What is
 * refused is in GrpcTokenSessionsTest, plain gRPC calls in TokenVerifierPlainTest, and a node that
 * closes while it is asked in MessengerClosePageTest.
 */
@OverEachTransport
final class TokenVerifierPageTest extends Semantics {

  private static final Duration SOON = Duration.ofMillis(500);

  private final AtomicInteger asking = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private volatile Duration life = Duration.ofHours(1);

  TokenVerifierPageTest(TestTransport transport) {
    super(transport);
  }

  /** What it verifies is held until the gate opens, where the token begins with "slow". */
  private VerifiedToken verify(String token) {
    if (token.startsWith("slow")) {
      asking.incrementAndGet();
      gate.pass();
    }
    if (token.endsWith("broken")) {
      throw new StackOverflowError("too deep");
    }
    return new VerifiedToken(token, Instant.now().plus(life));
  }

  private void restartWithSlowVerifier() {
    restart(
        b -> b.tokens(this::verify).tokensInClear(), b -> b.token(() -> "fast").tokensInClear());
    server.handle(
        "whoami",
        String.class,
        (text, call) -> {
          seen.add(text);
          return call.principal().toString();
        });
  }

  private Messenger bearing(String token) {
    return TestTls.messenger("bearer").token(() -> token).tokensInClear().build();
  }

  private void awaitAsked(int count) {
    Await.until("the verifier is asked", () -> asking.get() >= count);
  }

  private Duration p99() {
    long[] nanos = new long[100];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      await(remote.request("whoami", "fast", String.class));
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[98]);
  }

  @Test
  void oneThatTakesItsTimeStallsNobodyElseAndLetsNobodyInBefore() {
    restartWithSlowVerifier();
    await(remote.connect());
    try (Messenger slow = bearing("slow");
        Messenger fast = bearing("another")) {
      CompletableFuture<String> call =
          slow.connect(endpoint).request("whoami", "slow", String.class);
      awaitAsked(1);

      assertThat(p99()).as("p99 of calls of a session").isLessThan(SOON);
      assertThat(await(fast.connect(endpoint).request("whoami", "fast", String.class)))
          .isEqualTo("token:another");
      assertThat(seen).doesNotContain("slow");
      assertThat(server.peers()).hasSize(2);

      gate.open();
      assertThat(await(call)).isEqualTo("token:slow");
    }
  }

  @Test
  void whatItThrowsRefuses() {
    restartWithSlowVerifier();
    gate.open();
    try (Messenger broken = bearing("slow-broken")) {
      assertThat(failure(broken.connect(endpoint).connect()).code())
          .isEqualTo(StatusCode.UNAUTHENTICATED);
    }
  }

  private static MessagingException failure(CompletableFuture<?> call) {
    return (MessagingException) Await.failure(call, Await.LONG_ENOUGH);
  }

  @Test
  void whoIsVerifiedTooLateHasNoSession() {
    restart(
        b -> b.tokens(this::verify).tokensInClear().connectTimeout(Duration.ofMillis(300)),
        b -> b.token(() -> "fast").tokensInClear());
    server.handle("whoami", String.class, text -> text);
    try (Messenger slow =
        TestTls.messenger("bearer")
            .connectTimeout(Duration.ofSeconds(5))
            .token(() -> "slow")
            .tokensInClear()
            .build()) {
      Remote late = slow.connect(endpoint);
      CompletableFuture<Void> connected = late.connect();
      awaitAsked(1);

      assertThat(failure(connected)).isInstanceOf(ConnectException.class);
      gate.open();
      await(remote.request("whoami", "x", String.class));

      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  void aTokenIsRenewedWhileCallsGoOn() {
    AtomicInteger shown = new AtomicInteger();
    life = Duration.ofSeconds(3);
    restart(
        b -> b.tokens(this::verify).tokensInClear(),
        b -> b.token(() -> shown.getAndIncrement() == 0 ? "me" : "slow-me").tokensInClear());
    server.handle("whoami", String.class, (text, call) -> call.principal().toString());
    await(remote.connect());
    awaitAsked(1);

    assertThat(p99()).as("p99 of calls of the session").isLessThan(SOON);
  }
}
