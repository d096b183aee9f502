package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.core.frame.Proof;
import io.carrick.core.frame.Resume;
import io.carrick.core.session.auth.Audit;
import io.carrick.core.session.auth.ResumeCheck;
import io.carrick.core.session.state.SessionConfig;
import io.carrick.spi.Connection;
import io.carrick.spi.Endpoint;
import io.carrick.spi.ListenContext;
import io.carrick.spi.Transport;
import io.carrick.spi.TransportConfig;
import io.carrick.testkit.NoCalls;
import io.carrick.transport.memory.MemoryTransportProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has no key cannot tell by the time whether a session is there (R16, T16). */
@Timeout(120)
class ResumeTimingTest {

  private static final int SAMPLES = 20_000;
  private static final int ROUNDS = 10;

  /** What nobody sees over a connection, whose own times differ by thousands of nanoseconds. */
  private static final double MOST_NANOS = 200;

  private final Logger audit = Logger.getLogger(Audit.NAME);
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final SessionRuntime runtime =
      new SessionRuntime("test", executor::execute, new Budget(1L << 30), System::nanoTime);
  private final Transport transport =
      new MemoryTransportProvider().create(TransportConfig.of("test"));
  private final SessionConfig config =
      SessionConfig.defaults("test", new byte[16], List.of("text/plain"), 4 << 20);
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @BeforeEach
  void silence() {
    audit.setLevel(Level.OFF);
  }

  @AfterEach
  void close() {
    audit.setLevel(null);
    transport.close();
    runtime.close();
    executor.shutdownNow();
  }

  @Test
  void t16_aWrongProofOfAKnownSessionTakesAsLongAsOneOfNone() throws Exception {
    Endpoint endpoint = Endpoint.parse("memory:" + UUID.randomUUID());
    CompletableFuture<Session> accepted = new CompletableFuture<>();
    transport
        .listen(
            endpoint,
            ListenContext.of(
                c -> Session.accept(c, config, runtime, SessionEvents.NONE, accepted::complete),
                new NoCalls()))
        .toCompletableFuture()
        .join();
    Connection connection = transport.connect(endpoint).toCompletableFuture().join();
    Session.initiate(connection, config, "", runtime, SessionEvents.NONE).join();
    Session session = accepted.get(10, TimeUnit.SECONDS);
    byte[] known = session.binding().session();
    Connection other = transport.connect(endpoint).toCompletableFuture().join();

    // A machine that does other things disturbs one side now and then: one quiet round shows it.
    sample(other, known, new long[2][SAMPLES], new int[2]);
    double least = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= MOST_NANOS; round++) {
      least = Math.min(least, Math.abs(difference(other, known)));
    }

    System.out.printf("A wrong proof differs by %.0f ns%n", least);
    assertThat(least).as("nanoseconds, seed " + seed).isLessThan(MOST_NANOS);
  }

  private double difference(Connection connection, byte[] known) {
    long[][] times = new long[2][SAMPLES];
    sample(connection, known, times, new int[2]);
    return mean(times[0]) - mean(times[1]);
  }

  /** Of the faster nine tenths: what interrupts hit says nothing of the work. */
  private static double mean(long[] times) {
    return Arrays.stream(times).sorted().limit(times.length * 9L / 10).average().orElseThrow();
  }

  private void sample(Connection connection, byte[] known, long[][] times, int[] taken) {
    byte[] unknown = known.clone();
    unknown[0]++;
    while (taken[0] < times[0].length || taken[1] < times[1].length) {
      int which = random.nextInt(2);
      if (taken[which] == times[which].length) {
        which = 1 - which;
      }
      byte[] nonce = new byte[32];
      random.nextBytes(nonce);
      byte[] id = which == 0 ? known.clone() : unknown.clone();
      Resume resume = new Resume(id, new byte[16], new byte[16], 1, nonce, "memory", 0);
      ResumeCheck check = new ResumeCheck(resume, nonce, nonce);
      Proof proof = new Proof(nonce);

      long start = System.nanoTime();
      Session found = runtime.resumable(id);
      Session target = found == null ? runtime.stranger(config) : found;
      Link link = target.resuming.accept(connection, check, proof, found != null);
      times[which][taken[which]++] = System.nanoTime() - start;

      assertThat(link).isNull();
    }
  }
}
