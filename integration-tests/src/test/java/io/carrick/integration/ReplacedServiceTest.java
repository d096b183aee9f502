package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.CallOptions;
import io.carrick.Delivered;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.PathEvent;
import io.carrick.Remote;
import io.carrick.Requirements;
import io.carrick.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service on gRPC that is killed under load, and another instance at its address. */
@Timeout(90)
final class ReplacedServiceTest {

  private static final List<String> SMALL = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");
  private static final int CALLS_A_SECOND = 500;
  private static final Duration DEADLINE = Duration.ofSeconds(6);
  private static final Duration MOST_UNTIL_GOOD = Duration.ofSeconds(5);

  @TempDir Path directory;
  private String endpoint;
  private Path log;
  private final List<CompletableFuture<?>> calls = new ArrayList<>();
  private final Map<Integer, Long> answeredAt = new ConcurrentHashMap<>();

  private ChildJvm server() {
    return ChildJvm.start(FaultyProcess.class, SMALL, "server", endpoint, log.toString())
        .await("ready");
  }

  private static boolean isIdempotent(int n) {
    return n % 2 == 0;
  }

  private static boolean isSend(int n) {
    return n % 5 == 1;
  }

  private void call(Remote remote) {
    int n = calls.size();
    Remote view = isIdempotent(n) ? remote.with(Requirements.NONE.idempotent()) : remote;
    CompletableFuture<?> call =
        isSend(n) ? view.send("test/log", n) : view.request("test/logged", n, Integer.class);
    call.thenRun(() -> answeredAt.put(n, System.nanoTime()));
    calls.add(call);
  }

  private void call(Remote remote, Duration howLong) throws Exception {
    int before = calls.size();
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try {
      var unused =
          clock.scheduleAtFixedRate(
              () -> call(remote), 0, 1_000_000 / CALLS_A_SECOND, TimeUnit.MICROSECONDS);
      Await.until(
          () -> "calls at their rate",
          howLong.multipliedBy(4),
          () -> calls.size() - before >= howLong.toMillis() * CALLS_A_SECOND / 1_000);
    } finally {
      clock.shutdown();
      assertThat(clock.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void newCallsGoToTheInstanceThatTookItsPlace() throws Exception {
    endpoint = TestTransport.GRPC.endpoint(directory);
    log = directory.resolve("log");
    try (Messenger client = Messenger.builder("client").build()) {
      Remote remote = client.connect(endpoint).with(CallOptions.DEFAULT.withDeadline(DEADLINE));
      Gaps news = new Gaps();
      int killed;
      try (ChildJvm first = server()) {
        Await.result(remote.subscribe("news", String.class, news));
        call(remote, Duration.ofSeconds(1));
        Await.until("it answers", () -> answeredAt.size() > 200);
        killed = calls.size();
        // With calls on their way.
        for (int i = 0; i < 200; i++) {
          call(remote);
        }
        first.kill();
      }
      long ready;
      try (ChildJvm second = server()) {
        ready = System.nanoTime();
        call(remote, Duration.ofSeconds(3));
        Await.until(
            () -> "the subscription is made again, after " + remote.explain().events(),
            Duration.ofSeconds(10),
            () -> news.gaps.contains(-1L));
        check(killed, ready);
        assertThat(remote.explain().events()).anyMatch(e -> e.what() == PathEvent.What.PUT_ASIDE);
      }
    }
  }

  private void check(int killed, long ready) throws Exception {
    Set<Integer> done = new HashSet<>();
    Map<Integer, String> notDelivered = new TreeMap<>();
    Set<Integer> unknown = new HashSet<>();
    for (int n = 0; n < calls.size(); n++) {
      try {
        calls.get(n).get(30, TimeUnit.SECONDS);
        done.add(n);
      } catch (ExecutionException e) {
        Delivered delivered = ((MessagingException) e.getCause()).delivered();
        assertThat(delivered).isNotEqualTo(Delivered.YES);
        if (delivered == Delivered.NO) {
          notDelivered.put(n, String.valueOf(e.getCause()));
        } else {
          unknown.add(n);
        }
      }
    }
    List<Integer> logged = Files.readAllLines(log).stream().map(Integer::valueOf).toList();
    long good =
        answeredAt.entrySet().stream()
            .filter(e -> e.getKey() >= killed && e.getValue() > ready)
            .mapToLong(Map.Entry::getValue)
            .min()
            .orElse(Long.MAX_VALUE);
    Duration untilGood = Duration.ofNanos(good - ready);
    System.out.printf(
        "%d calls: %d done, %d not delivered, %d unknown; the first good one %d ms after the new"
            + " instance was ready%n",
        calls.size(), done.size(), notDelivered.size(), unknown.size(), untilGood.toMillis());
    assertThat(untilGood).isLessThan(MOST_UNTIL_GOOD);
    assertThat(logged.stream().filter(n -> !isIdempotent(n))).doesNotHaveDuplicates();
    assertThat(logged).containsAll(done);
    assertThat(logged.stream().filter(n -> isSend(n) && !isIdempotent(n)))
        .as("sends keep their order, from one session into the next")
        .isSorted();
    assertThat(logged).noneMatch(notDelivered::containsKey);
    assertThat(unknown).as("what may be repeated is").noneMatch(ReplacedServiceTest::isIdempotent);
    assertThat(notDelivered).as("what was not sent goes to the new instance").isEmpty();
    assertThat(done).hasSizeGreaterThan(calls.size() - 400);
  }

  private static final class Gaps implements io.carrick.Subscriber.Simple<String> {
    private final List<Long> gaps = new java.util.concurrent.CopyOnWriteArrayList<>();

    @Override
    public void onMessage(String value) {}

    @Override
    public void onGap(long missed) {
      gaps.add(missed);
    }
  }
}
