package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivered;
import io.carrick.HandlerOptions;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.Subscriber;
import io.carrick.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A node drains while it is called in every pattern, with a slow handler and a slow subscriber, and
 * another instance is there: what it accepted before is handled and delivered, what comes later is
 * answered by one of both, and a subscriber that may miss something is told of a gap.
 */
@Timeout(120)
final class DrainUnderLoadTest {

  private static final int LAST = -1;
  private static final int BEFORE = 150;
  private static final int ALL = 300;
  private static final int PACE_MILLIS = 2;
  private static final int SLOW_MILLIS = 4;
  private static final int ITEMS = 100;
  private static final Duration DRAIN = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<Integer> asked = new CopyOnWriteArrayList<>();
  private final List<Integer> jobs = new CopyOnWriteArrayList<>();
  private final List<Integer> accepted = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<?>> requests = new ArrayList<>();
  private final List<CompletableFuture<?>> sends = new ArrayList<>();
  private final List<CompletableFuture<?>> publishes = new ArrayList<>();
  private final List<Items<Long>> streams = new ArrayList<>();

  private Messenger serve(String endpoint) {
    Messenger server = Messenger.builder("server").listen(endpoint).build();
    server.handle(
        "ask",
        Integer.class,
        n -> {
          asked.add(n);
          return n;
        });
    server
        .with(HandlerOptions.DEFAULT.withConcurrency(1).withWaiting(2 * ALL))
        .handleSend(
            "job",
            Integer.class,
            n -> {
              slowly();
              jobs.add(n);
            });
    server.handleStream("count", String.class, text -> Source.numbers(ITEMS));
    return server;
  }

  private static void slowly() throws InterruptedException {
    assertThat(new CountDownLatch(1).await(SLOW_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"UNIX", "GRPC"})
  void whatWasAcceptedIsHandledAndDelivered(TestTransport transport) throws Exception {
    String one = transport.endpoint(Files.createDirectory(directory.resolve("one")));
    String two = transport.endpoint(Files.createDirectory(directory.resolve("two")));
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (Messenger first = serve(one);
        Messenger second = serve(two);
        Messenger reader = Messenger.builder("reader").build();
        Messenger caller = Messenger.builder("caller").build()) {
      News fast = new News(false);
      News slow = new News(true);
      Remote read = reader.connect(one, two);
      Await.result(read.subscribe("news", Integer.class, fast));
      Await.result(read.subscribe("news", Integer.class, slow));
      Remote remote = caller.connect(one, two);
      Await.result(remote.connect());
      CountDownLatch all = new CountDownLatch(ALL);
      var unused =
          clock.scheduleAtFixedRate(
              () -> {
                if (all.getCount() > 0) {
                  call(remote);
                  all.countDown();
                }
              },
              0,
              PACE_MILLIS,
              TimeUnit.MILLISECONDS);
      Await.until(() -> "some are accepted", DRAIN, () -> accepted.size() >= BEFORE);
      List<Integer> before = List.copyOf(accepted);

      CompletableFuture<Void> drained = first.drain(DRAIN);

      assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(drained).succeedsWithin(DRAIN);
      List<Integer> published = delivered(publishes);
      for (News news : List.of(fast, slow)) {
        Await.until(() -> "a gap is told: " + news, DRAIN, () -> news.gaps.contains(-1L));
        assertThat(news.seen).containsAll(before).isSubsetOf(published).doesNotHaveDuplicates();
      }
      Await.result(second.publish("news", LAST));
      for (News news : List.of(fast, slow)) {
        Await.until(() -> "the last comes: " + news, DRAIN, () -> news.seen.contains(LAST));
      }
      Await.until(() -> "all jobs are done", DRAIN, () -> jobs.size() >= delivered(sends).size());
      assertThat(jobs).containsExactlyInAnyOrderElementsOf(delivered(sends));
      assertThat(asked).containsExactlyInAnyOrderElementsOf(delivered(requests));
      List<Integer> ended = delivered(streams.stream().map(Items::end).toList());
      assertThat(ended).hasSizeGreaterThanOrEqualTo(BEFORE);
      ended.forEach(n -> assertThat(streams.get(n).list()).hasSize(ITEMS));
    } finally {
      clock.shutdownNow();
    }
  }

  private void call(Remote remote) {
    int n = requests.size();
    requests.add(remote.request("ask", n, Integer.class));
    sends.add(remote.send("job", n));
    publishes.add(remote.publish("news", n).thenRun(() -> accepted.add(n)));
    streams.add(Items.of(remote.stream("count", "", Long.class)));
  }

  /** The numbers of those that succeeded; the others were surely not delivered. */
  private static List<Integer> delivered(List<? extends CompletableFuture<?>> calls) {
    List<Integer> done = new ArrayList<>();
    for (int n = 0; n < calls.size(); n++) {
      Throwable failure = Await.result(calls.get(n).handle((value, thrown) -> thrown));
      if (failure == null) {
        done.add(n);
      } else {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        assertThat(((MessagingException) cause).delivered())
            .as("call %s of %s: %s", n, calls.size(), failure)
            .isEqualTo(Delivered.NO);
      }
    }
    return done;
  }

  private static final class News implements Subscriber.Simple<Integer> {

    private final boolean patient;
    private final List<Integer> seen = new CopyOnWriteArrayList<>();
    private final List<Long> gaps = new CopyOnWriteArrayList<>();

    News(boolean patient) {
      this.patient = patient;
    }

    @Override
    public void onMessage(Integer n) throws Exception {
      if (patient) {
        slowly();
      }
      seen.add(n);
    }

    @Override
    public String toString() {
      return seen + ", gaps " + gaps;
    }

    @Override
    public void onGap(long missed) {
      gaps.add(missed);
    }
  }
}
