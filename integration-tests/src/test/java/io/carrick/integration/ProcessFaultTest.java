package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Call;
import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.SessionLostException;
import io.carrick.StatusCode;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed in the middle, over a real socket. */
@Tag("side-by-side")
final class ProcessFaultTest {

  private static final List<String> SMALL = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");
  private static final int LIVES = 3;
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir Path directory;

  private String endpoint;
  private Path log;

  @BeforeEach
  void paths() {
    endpoint = "unix:" + directory.resolve("s");
    log = directory.resolve("log");
  }

  private ChildJvm server() {
    return ChildJvm.start(FaultyProcess.class, SMALL, "server", endpoint, log.toString())
        .await("ready");
  }

  @Test
  void aKilledClientLeavesNothingBehindAtTheServer() {
    CompletableFuture<Call> never = new CompletableFuture<>();
    CompletableFuture<Call> cancelled = new CompletableFuture<>();
    Source<Long> source = Source.endless();
    Items<Long> values = Items.all();
    try (Messenger server =
        Messenger.builder("server").resumeTime(SHORT).listen(endpoint).build()) {
      server.handleAsync(
          "test/never",
          String.class,
          (text, call) -> {
            call.onCancel(() -> cancelled.complete(call));
            never.complete(call);
            return new CompletableFuture<String>();
          });
      server.handleStream("test/count", String.class, text -> source);
      server.handleChannel(
          "test/sum",
          Long.class,
          (in, call) -> {
            in.subscribe(values);
            return Source.silent();
          });
      CompletableFuture<String> back;
      try (ChildJvm client = ChildJvm.start(FaultyProcess.class, SMALL, "client", endpoint)) {
        client.await("ready");
        Await.result(never);
        Await.result(server.publish("news", "x"));
        client.await("news");
        back = server.peers().get(0).request("client/never", "x", String.class);
        values.awaitCount(1);
        client.kill();
      }

      assertThat(Await.result(cancelled).isCancelled()).isTrue();
      Await.result(source.cancelled());
      values.failure(MessagingException.class);
      Failures.check(
          Failures.in(back, SessionLostException.class), StatusCode.UNAVAILABLE, Delivered.MAYBE);
      Await.until("the client is no peer any more", () -> server.peers().isEmpty());
      for (int i = 0; i < 3_000; i++) {
        Await.result(server.publish("news", "nobody waits for the dead"));
      }
    }
  }

  @Test
  void aKilledServerEndsEachExchangeTruthfullyAndTheNextOneServes() throws Exception {
    try (Messenger client = Messenger.builder("client").resumeTime(SHORT).build()) {
      Remote remote = client.connect(endpoint);
      Gaps news = new Gaps();
      CompletableFuture<String> never;
      Items<Long> count = Items.asking(10);
      String firstLife;
      try (ChildJvm server = server()) {
        Await.result(remote.subscribe("news", String.class, news));
        Await.result(remote.publish("news", "one"));
        Await.until("the first news", () -> news.messages.contains("one"));
        never = remote.request("test/never", "x", String.class);
        remote.stream("test/count", "x", Long.class).subscribe(count);
        count.awaitCount(10);
        firstLife = remote.instance().orElseThrow();
        server.kill();
      }

      SessionLostException lost = Failures.in(never, SessionLostException.class);
      Failures.check(lost, StatusCode.UNAVAILABLE, Delivered.MAYBE);
      assertThat(lost.retrySafe()).isFalse();
      Failures.check(
          count.failure(SessionLostException.class), StatusCode.UNAVAILABLE, Delivered.MAYBE);
      MessagingException unsent =
          Failures.in(
              remote
                  .with(CallOptions.DEFAULT.withDeadline(Duration.ofMillis(200)))
                  .request("test/echo", "x", String.class),
              MessagingException.class);
      assertThat(unsent.delivered()).isEqualTo(Delivered.NO);
      CompletableFuture<String> waiting = remote.request("test/echo", "patience", String.class);
      try (ChildJvm server = server()) {
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("patience");
        assertThat(remote.instance().orElseThrow()).isNotEqualTo(firstLife);
        Await.until("the gap is told", () -> news.gaps.contains(-1L));
        Await.result(remote.publish("news", "two"));
        Await.until("the second news", () -> news.messages.contains("two"));
        assertThat(news.messages).containsExactly("one", "two");
        assertThat(news.gaps).containsExactly(-1L);
        assertThat(news.end).isNotDone();
        server.kill();
      }
    }
  }

  @Test
  void anotherInstanceBehindTheSocketShowsAtOnceThatTheSessionIsLost() throws Exception {
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint);
      Gaps news = new Gaps();
      CompletableFuture<String> never;
      CompletableFuture<String> again;
      Items<Long> count = Items.asking(10);
      try (ChildJvm server = server()) {
        Await.result(remote.subscribe("news", String.class, news));
        never = remote.request("test/never", "x", String.class);
        again =
            remote
                .with(Requirements.NONE.idempotent())
                .request("test/second-life", "again", String.class);
        remote.stream("test/count", "x", Long.class).subscribe(count);
        count.awaitCount(10);
        server.await("the first life was asked");
        server.kill();
      }
      try (ChildJvm server = server()) {
        Failures.check(
            Failures.in(never, SessionLostException.class),
            StatusCode.UNAVAILABLE,
            Delivered.MAYBE);
        Failures.check(
            count.failure(SessionLostException.class), StatusCode.UNAVAILABLE, Delivered.MAYBE);
        assertThat(again.get(30, TimeUnit.SECONDS)).isEqualTo("again");
        Await.until("the gap is told", () -> news.gaps.contains(-1L));
        Await.result(remote.publish("news", "two"));
        Await.until("the second news", () -> news.messages.contains("two"));
        assertThat(news.gaps).containsExactly(-1L);
        server.kill();
      }
    }
  }

  @Test
  void nothingIsDeliveredTwiceAndWhatWasNotDeliveredIsNowhere() throws Exception {
    Set<Integer> done = new HashSet<>();
    Set<Integer> notDelivered = new HashSet<>();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote =
          client.connect(endpoint).with(CallOptions.DEFAULT.withDeadline(Duration.ofSeconds(20)));
      for (int life = 0; life < LIVES; life++) {
        try (ChildJvm server = server()) {
          CompletableFuture<Void> first = remote.send("test/log", sends.size());
          sends.add(first);
          first.get(20, TimeUnit.SECONDS);
          for (int i = 0; i < 2_000; i++) {
            sends.add(remote.send("test/log", sends.size()));
          }
          server.kill();
        }
      }
      try (ChildJvm server = server()) {
        for (int n = 0; n < sends.size(); n++) {
          classify(n, sends.get(n), done, notDelivered);
        }
      }
    }

    List<Integer> logged = Files.readAllLines(log).stream().map(Integer::valueOf).toList();
    assertThat(logged).doesNotHaveDuplicates();
    assertThat(logged).containsAll(done);
    assertThat(logged).noneMatch(notDelivered::contains);
    System.out.printf(
        "Killed %d times: %d sent, %d done, %d not delivered, %d unknown, %d logged%n",
        LIVES,
        sends.size(),
        done.size(),
        notDelivered.size(),
        sends.size() - done.size() - notDelivered.size(),
        logged.size());
    assertThat(done).hasSizeGreaterThanOrEqualTo(LIVES);
  }

  private static void classify(
      int n, CompletableFuture<Void> send, Set<Integer> done, Set<Integer> notDelivered)
      throws Exception {
    try {
      send.get(25, TimeUnit.SECONDS);
      done.add(n);
    } catch (ExecutionException e) {
      MessagingException failure = (MessagingException) e.getCause();
      assertThat(failure.delivered()).isNotEqualTo(Delivered.YES);
      if (failure.delivered() == Delivered.NO) {
        notDelivered.add(n);
      }
    }
  }

  private static final class Gaps implements Subscriber.Simple<String> {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<Long> gaps = new CopyOnWriteArrayList<>();
    private final CompletableFuture<MessagingException> end = new CompletableFuture<>();

    @Override
    public void onMessage(String value) {
      messages.add(value);
    }

    @Override
    public void onGap(long missed) {
      gaps.add(missed);
    }

    @Override
    public void onEnd(MessagingException reason) {
      end.complete(reason);
    }
  }
}
