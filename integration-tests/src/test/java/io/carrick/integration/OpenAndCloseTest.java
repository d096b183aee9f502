package io.carrick.integration;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.OverflowPolicy;
import io.carrick.Registration;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an application opens and closes, again and again, leaves nothing behind. */
@Timeout(300)
final class OpenAndCloseTest {

  private static final int MANY = Integer.getInteger("carrick.leak.times", 10_000);
  private static final int FEW = MANY / 10;
  private static final int WARM = 50;

  /** What may be on its way at any time: timers, idle threads, caches, the last events. */
  private static final long SLACK = 400;

  @TempDir Path directory;

  private final String endpoint = "memory:" + UUID.randomUUID();
  private Messenger server;
  private Messenger client;
  private Remote kept;

  /** Something that is opened and closed. */
  private interface Cycle {
    void run() throws Exception;
  }

  /** The JVM opens some by itself; a leak of one in ten times would be more. */
  private static final long DESCRIPTORS_OF_THE_JVM = 8;

  @BeforeEach
  void open() {
    server = Messenger.builder("server").listen(endpoint).build();
    server.handle("echo", String.class, text -> text);
    server.handleStream("count", Integer.class, n -> new Numbers());
    client = Messenger.builder("client").build();
    kept = client.connect(endpoint);
    Await.result(kept.request("echo", "x", String.class));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private void leavesNothing(int times, Cycle cycle) throws Exception {
    for (int i = 0; i < WARM; i++) {
      cycle.run();
    }
    Map<String, Long> before = settled(Long.MAX_VALUE);
    long objects = sum(before);
    int threads = threads();
    long descriptors = descriptors();
    for (int i = 0; i < times; i++) {
      cycle.run();
    }

    Map<String, Long> left = settled(objects + SLACK);
    long after = sum(left);
    System.out.printf("%,d times: %,d objects of io.carrick, then %,d%n", times, objects, after);
    left.replaceAll((name, count) -> count - before.getOrDefault(name, 0L));
    left.values().removeIf(more -> more <= 0);
    assertThat(after - objects).as("more of them: %s", left).isLessThanOrEqualTo(SLACK);
    Await.until(
        () -> threads + " threads; there are " + threads(),
        Duration.ofSeconds(40),
        () -> threads() <= threads + 4);
    assertThat(descriptors()).isLessThanOrEqualTo(descriptors + DESCRIPTORS_OF_THE_JVM);
    assertThat(Await.result(kept.request("echo", "x", String.class))).isEqualTo("x");
  }

  /** Live objects of io.carrick, once there are no more than so many, or after some seconds. */
  private static Map<String, Long> settled(long most) throws Exception {
    long start = System.nanoTime();
    Map<String, Long> now;
    do {
      now = carrickObjects();
    } while (sum(now) > most && System.nanoTime() - start < Duration.ofSeconds(20).toNanos());
    return now;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static Map<String, Long> carrickObjects() throws Exception {
    String lines =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return lines
        .lines()
        .map(line -> line.trim().split("\\s+"))
        .filter(f -> f.length >= 4 && f[0].endsWith(":") && f[3].startsWith("io.carrick."))
        .collect(toMap(f -> f[3], f -> Long.parseLong(f[1]), Long::sum, TreeMap::new));
  }

  private static int threads() {
    return Thread.activeCount();
  }

  private static long descriptors() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void remotesThatWereNotUsed() throws Exception {
    leavesNothing(MANY, () -> client.connect(endpoint).close());
  }

  @Test
  void remotesThatWereUsed() throws Exception {
    leavesNothing(
        FEW,
        () -> {
          Remote remote = client.connect(endpoint);
          Await.result(remote.request("echo", "x", String.class));
          remote.close();
        });
  }

  @Test
  void remotesThatWereDroppedWithoutASession() throws Exception {
    leavesNothing(MANY, () -> client.connect(endpoint));
  }

  @Test
  void listenersOfPathEvents() throws Exception {
    leavesNothing(MANY, () -> kept.onPathEvent(event -> {}).close());
  }

  @Test
  void handlersAndLocalSubscriptions() throws Exception {
    leavesNothing(
        MANY,
        () -> {
          Registration one = server.handle("a/b", String.class, text -> text);
          Registration two = server.subscribe("a/#", String.class, text -> {});
          one.close();
          two.close();
        });
  }

  @Test
  void subscriptions() throws Exception {
    leavesNothing(
        MANY,
        () ->
            Await.result(kept.subscribe("t", String.class, OverflowPolicy.FAIL, message -> {}))
                .close());
  }

  @Test
  void streamsThatEndAndThatAreCancelled() throws Exception {
    leavesNothing(
        MANY,
        () -> {
          take(Numbers.COUNT + 1);
          take(1);
        });
  }

  /** Takes so many items, and cancels the rest. */
  private void take(int most) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    kept.stream("count", 1, Integer.class)
        .subscribe(
            new Flow.Subscriber<>() {
              private Flow.Subscription subscription;
              private int left = most;

              @Override
              public void onSubscribe(Flow.Subscription s) {
                subscription = s;
                s.request(most);
              }

              @Override
              public void onNext(Integer item) {
                if (--left == 0) {
                  subscription.cancel();
                  done.complete(null);
                }
              }

              @Override
              public void onError(Throwable t) {
                done.completeExceptionally(t);
              }

              @Override
              public void onComplete() {
                done.complete(null);
              }
            });
    Await.result(done);
  }

  /** Three numbers, as they are asked for. */
  private static final class Numbers implements Flow.Publisher<Integer> {
    static final int COUNT = 3;

    @Override
    public void subscribe(Flow.Subscriber<? super Integer> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            private int next;

            @Override
            public void request(long n) {
              for (long i = 0; i < n && next < COUNT; i++) {
                subscriber.onNext(next++);
              }
              if (next == COUNT) {
                next++;
                subscriber.onComplete();
              }
            }

            @Override
            public void cancel() {
              next = COUNT + 1;
            }
          });
    }
  }

  @Test
  void callsThatAreCancelled() throws Exception {
    server.handleAsync(
        "never",
        String.class,
        (text, call) -> {
          CompletableFuture<String> reply = new CompletableFuture<>();
          call.onCancel(() -> reply.complete(text));
          return reply;
        });
    leavesNothing(MANY, () -> kept.request("never", "x", String.class).cancel(true));
  }

  @Test
  void messengersWithSockets() throws Exception {
    int[] number = new int[1];
    leavesNothing(
        FEW / 5,
        () -> {
          Path socket = directory.resolve("s" + number[0]++);
          try (Messenger one = Messenger.builder("one").listen("unix:" + socket).build();
              Messenger two = Messenger.builder("two").build()) {
            one.handle("echo", String.class, text -> text);
            Await.result(two.connect("unix:" + socket).request("echo", "x", String.class));
          }
        });
  }

  @Test
  void noThreadKeepsTheClassLoaderOfWhoStartedIt() throws Exception {
    Thread me = Thread.currentThread();
    ClassLoader before = me.getContextClassLoader();
    try (URLClassLoader deployed = new URLClassLoader(new URL[0], before)) {
      me.setContextClassLoader(deployed);
      String socket = "unix:" + directory.resolve("deployed");
      try (Messenger one = Messenger.builder("one").listen(socket).listen(endpoint + "-2").build();
          Messenger two = Messenger.builder("two").build()) {
        one.handle("echo", String.class, text -> text);
        Await.result(two.connect(socket).request("echo", "x", String.class));
        Await.result(two.connect(endpoint + "-2").request("echo", "x", String.class));

        assertThat(Thread.getAllStackTraces().keySet())
            .filteredOn(thread -> thread != me)
            .noneMatch(thread -> thread.getContextClassLoader() == deployed);
      }
    } finally {
      me.setContextClassLoader(before);
    }
  }

  @Test
  void aTransportThatBreaksWhenItIsClosedDoesNotKeepItsMessengerOpen() throws Exception {
    String broken = FaultyTransports.faulty(endpoint + "-broken");
    Messenger one = Messenger.builder("breaks-on-close").listen(broken).build();
    Faults.of("breaks-on-close").breakOnClose();

    one.close();

    assertThat(one.closed().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(5));
  }
}
