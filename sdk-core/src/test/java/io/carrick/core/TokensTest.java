package io.carrick.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.ConnectException;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.TokenException;
import io.carrick.TokenVerifier;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Sessions that rest on a bearer token. */
@Timeout(60)
class TokensTest {

  private static final Duration HOUR = Duration.ofHours(1);

  /** Its last fifth, in which another one is asked for, is long even on a busy machine. */
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final String endpoint = "memory:" + UUID.randomUUID();
  private final List<String> verified = new CopyOnWriteArrayList<>();

  /** {@code name:time}, where the time is that of its end. */
  private final TokenVerifier verifier =
      token -> {
        verified.add(token);
        String[] parts = token.split(":", 2);
        if (parts.length < 2) {
          throw new TokenException(TokenException.Reason.MALFORMED, "no time behind the name");
        }
        Instant end = Instant.parse(parts[1]);
        if (end.isBefore(Instant.now())) {
          throw new TokenException(TokenException.Reason.EXPIRED, "it ended at " + end);
        }
        return new VerifiedToken(parts[0], end);
      };

  private static String token(String name, Duration life) {
    return name + ":" + Instant.now().plus(life);
  }

  private Messenger serve(Messenger.Builder builder) {
    Messenger server = builder.listen(endpoint).build();
    server.handle("whoami", String.class, (text, call) -> call.principal().toString());
    return server;
  }

  private Messenger server() {
    return serve(Messenger.builder("server").tokens(verifier));
  }

  private static Messenger client(Supplier<String> source) {
    return Messenger.builder("client").token(source).build();
  }

  private static String ask(Remote remote) throws Exception {
    return remote.request("whoami", "?", String.class).get(10, SECONDS);
  }

  private static MessagingException failure(Remote remote) {
    Throwable thrown = catchThrowable(() -> ask(remote));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return (MessagingException) thrown.getCause();
  }

  private MessagingException refused(Supplier<String> source) {
    try (Messenger client = client(source)) {
      MessagingException failure = failure(client.connect(endpoint));
      assertThat(failure).isInstanceOf(ConnectException.class);
      assertThat(failure.retrySafe()).isFalse();
      return failure;
    }
  }

  @Test
  void handlersSeeWhomTheTokenNames() throws Exception {
    try (Messenger server = server();
        Messenger client = client(() -> token("alice", HOUR))) {
      assertThat(ask(client.connect(endpoint))).isEqualTo("token:alice");
      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  void whoHasNoTokenIsRefusedAndToldWhatToDo() {
    try (Messenger server = server();
        Messenger client = Messenger.builder("client").build()) {
      MessagingException failure = failure(client.connect(endpoint));

      assertThat(failure.code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      assertThat(failure)
          .hasMessageContaining("server demands a token")
          .hasMessageContaining("set");
      assertThat(server.peers()).isEmpty();
    }
  }

  @Test
  void whereTokensAreOptionalThePathCountsInstead() throws Exception {
    try (Messenger server = serve(Messenger.builder("server").optionalTokens(verifier));
        Messenger nobody = Messenger.builder("client").build();
        Messenger alice = client(() -> token("alice", HOUR))) {
      assertThat(ask(nobody.connect(endpoint))).isEqualTo("memory:local");
      assertThat(ask(alice.connect(endpoint))).isEqualTo("token:alice");
      assertThat(refused(() -> "forged").code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      assertThat(server.peers()).hasSize(2);
    }
  }

  @Test
  void whoDoesNotCheckTokensIgnoresThem() throws Exception {
    try (Messenger server = serve(Messenger.builder("server"));
        Messenger client = client(() -> "anything")) {
      assertThat(ask(client.connect(endpoint))).isEqualTo("memory:local");
      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  void t14_aRefusalTellsThePeerNoReasonAndTheAuditLogNoToken() {
    List<String> lines = new CopyOnWriteArrayList<>();
    Logger audit = Logger.getLogger("io.carrick");
    Handler handler = collecting(lines);
    Level before = audit.getLevel();
    audit.addHandler(handler);
    audit.setLevel(Level.ALL);
    String forged = "sEcReT-" + UUID.randomUUID();
    String expired = "sEcReT" + token("alice", Duration.ofHours(-1));
    List<String> seen = new ArrayList<>();
    try (Messenger server = server()) {
      MessagingException ofForged = refused(() -> forged);
      MessagingException ofExpired = refused(() -> expired);
      MessagingException ofLong = refused(() -> "x".repeat(8_192) + "\u00e9");

      assertThat(ofForged.code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      assertThat(ofForged).hasMessageContaining("refused: get another");
      assertThat(ofExpired.code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      assertThat(ofExpired).hasMessageContaining("has expired: get a new one");
      assertThat(ofLong).hasMessageContaining("8193 characters").hasMessageContaining("8192");
      for (MessagingException e : List.of(ofForged, ofExpired, ofLong)) {
        assertThat(e).hasMessageNotContaining("behind the name");
        for (Throwable t = e; t != null; t = t.getCause()) {
          seen.add(t.toString());
        }
      }
      seen.add(server.toString());
    } finally {
      audit.removeHandler(handler);
      audit.setLevel(before);
    }
    assertThat(lines)
        .anyMatch(line -> line.contains("token-refused") && line.contains("MALFORMED, no time"))
        .anyMatch(line -> line.contains("token-refused") && line.contains("EXPIRED"));
    assertThat(lines).noneMatch(line -> line.contains("sEcReT"));
    assertThat(seen).noneMatch(line -> line.contains("sEcReT"));
  }

  private static Handler collecting(List<String> lines) {
    return new Handler() {
      @Override
      public void publish(LogRecord entry) {
        lines.add(new java.util.logging.SimpleFormatter().format(entry));
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void explanationsShowNoToken() throws Exception {
    try (Messenger server = server();
        Messenger client = client(() -> token("sEcReT", HOUR))) {
      Remote remote = client.connect(endpoint);
      ask(remote);

      assertThat(remote.explain().toString()).doesNotContain("sEcReT");
      assertThat(remote.toString() + client + server).doesNotContain("sEcReT");
    }
  }

  @Test
  void t14_aVerifierThatFailsRefuses() {
    TokenVerifier broken =
        token -> {
          throw new IllegalStateException("cannot read keys of " + token);
        };
    try (Messenger server = serve(Messenger.builder("server").tokens(broken))) {
      assertThat(refused(() -> "sEcReT"))
          .hasMessageContaining("refused")
          .hasMessageNotContaining("sEcReT");
      assertThat(server.peers()).isEmpty();
    }
  }

  @Test
  void aSourceWithoutATokenFailsTheCallWithItsReason() {
    try (Messenger server = server()) {
      assertThat(refused(() -> "")).hasMessageContaining("gave 0 characters");
      assertThat(refused(() -> "two words")).hasMessageContaining("remove blanks");
      assertThat(
              refused(
                  () -> {
                    throw new IllegalStateException("sEcReT");
                  }))
          .hasMessageContaining("source of tokens failed")
          .hasMessageNotContaining("sEcReT");
      assertThat(verified).isEmpty();
      assertThat(server.peers()).isEmpty();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aSourceThatHangsFailsTheCallInTime() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Supplier<String> hanging =
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return "late";
        };
    try (Messenger server = server();
        Messenger client =
            Messenger.builder("client")
                .token(hanging)
                .connectTimeout(Duration.ofMillis(300))
                .build()) {
      assertThat(failure(client.connect(endpoint))).hasMessageContaining("no token for HELLO");
      assertThat(server.peers()).isEmpty();
    } finally {
      never.countDown();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void t14_aSessionEndsWithItsTokenAndTheNextCallShowsANewOne() throws Exception {
    List<String> given = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    Supplier<String> source =
        () -> {
          // The same again when it is asked to renew: a source that keeps what it has.
          if (given.isEmpty()) {
            given.add(token("alice", SHORT));
          }
          return given.get(0);
        };
    try (Messenger server = server();
        Messenger client = client(source)) {
      server.handleStream(
          "endless",
          String.class,
          (text, call) -> {
            call.onCancel(() -> cancelled.complete(null));
            return new SubmissionPublisher<String>();
          });
      Remote remote = client.connect(endpoint);
      assertThat(ask(remote)).isEqualTo("token:alice");
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      remote.stream("endless", "?", String.class).subscribe(collector(null, end));

      Throwable ended = end.get(10, SECONDS);

      assertThat(ended)
          .isInstanceOf(SessionLostException.class)
          .hasMessageContaining("token of the session has expired");
      assertThat(((MessagingException) ended).code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      cancelled.get(10, SECONDS);
      given.set(0, token("alice", HOUR));
      assertThat(ask(remote)).isEqualTo("token:alice");
      assertThat(server.peers()).hasSize(1);
    }
  }

  private static <T> Flow.Subscriber<T> collector(
      @Nullable BlockingQueue<T> items, CompletableFuture<Throwable> end) {
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
      }

      @Override
      public void onNext(T item) {
        if (items != null) {
          items.add(item);
        }
      }

      @Override
      public void onError(Throwable failure) {
        end.complete(failure);
      }

      @Override
      public void onComplete() {
        end.complete(new AssertionError("the stream completed"));
      }
    };
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void t14_aSessionGoesOnWhereThePeerRenewsItsToken() throws Exception {
    try (Messenger server = server();
        Messenger client = client(() -> token("alice", SHORT));
        SubmissionPublisher<String> source = new SubmissionPublisher<>()) {
      server.handleStream("endless", String.class, (text, call) -> source);
      Remote remote = client.connect(endpoint);
      BlockingQueue<String> items = new LinkedBlockingQueue<>();
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      remote.stream("endless", "?", String.class).subscribe(collector(items, end));
      Instant firstEnds = Instant.now().plus(SHORT);
      Await.until("the stream is open", () -> source.getNumberOfSubscribers() == 1);

      Await.until("a renewal", () -> verified.size() >= 2);
      Await.until("the end of the first token", () -> Instant.now().isAfter(firstEnds));
      source.submit("still here");

      assertThat(items.poll(10, SECONDS)).isEqualTo("still here");
      assertThat(end).isNotDone();
      assertThat(verified).doesNotHaveDuplicates();
      assertThat(server.peers()).hasSize(1);
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void t14_aTokenOfSomebodyElseEndsTheSession() throws Exception {
    List<String> names = List.of("alice", "mallory");
    List<String> given = new CopyOnWriteArrayList<>();
    Supplier<String> source =
        () -> {
          String next = token(names.get(Math.min(given.size(), 1)), SHORT);
          given.add(next);
          return next;
        };
    try (Messenger server = server();
        Messenger client = client(source)) {
      server.handleStream(
          "endless", String.class, (text, call) -> new SubmissionPublisher<String>());
      Remote remote = client.connect(endpoint);
      assertThat(ask(remote)).isEqualTo("token:alice");
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      remote.stream("endless", "?", String.class).subscribe(collector(null, end));

      assertThat(end.get(10, SECONDS))
          .isInstanceOf(SessionLostException.class)
          .hasMessageContaining("names somebody else");
    }
  }

  @Test
  void aTokenThatNamesNobodyIsNone() {
    assertThatThrownBy(() -> new VerifiedToken("", Instant.now()))
        .isInstanceOf(IllegalArgumentException.class);
    try (Messenger server =
        serve(
            Messenger.builder("server")
                .tokens(token -> new VerifiedToken("", Instant.now().plus(HOUR))))) {
      assertThat(refused(() -> "x").code()).isEqualTo(StatusCode.UNAUTHENTICATED);
      assertThat(server.peers()).isEmpty();
    }
  }
}
