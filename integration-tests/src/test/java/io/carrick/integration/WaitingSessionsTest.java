package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.Messenger;
import io.carrick.Remote;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Packet;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Peers without a principal that begin sessions, call once, and go without a word, so that each
 * session waits for them; beside a session from one of their addresses that asks.
 */
@Timeout(180)
final class WaitingSessionsTest {

  private static final int REQUESTS = 200;
  private static final int OF_A_CONNECTION = 25;
  private static final byte[] KEY = new byte[32];

  /** Below it a difference tells nothing on a machine that does other things, too. */
  private static final long NOISE_MICROS = 250_000;

  /** The same while handshakes, on both sides, need all processors of a small machine. */
  private static final long BUSY_MICROS = 1_000_000;

  static {
    KEY[0] = 9; // RFC 7748, section 4.1: any point will do, since nobody comes back to prove it.
  }

  @ParameterizedTest
  @CsvSource({"64, 2, 1300", "256, 3, 1300"})
  void t10_sessionsThatWaitForNobodyKeepNobodyFromAnAnswer(int heap, int addresses, int each)
      throws Exception {
    try (ChildJvm child =
            ChildJvm.start(UnreadStreamsServer.class, List.of("-Xmx" + heap + "m")).await("ready");
        Messenger web = Messenger.builder("web").build();
        Messenger late = Messenger.builder("late").build()) {
      int port = UnreadStreamsServer.port(child);
      String endpoint = "grpc://127.0.0.1:" + port;
      Remote honest = web.connect(endpoint);
      latency(honest);
      long idle = latency(honest);

      AtomicInteger begun = new AtomicInteger();
      CompletableFuture<Void> attack =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 1; i <= addresses; i++) {
                  begun.addAndGet(attack(port, "127.0.0." + i, each));
                }
              });
      List<Long> all = new ArrayList<>();
      do {
        all.add(latency(honest));
      } while (!attack.isDone());
      attack.get(1, TimeUnit.SECONDS);
      long beside = all.stream().sorted().toList().get(all.size() / 2);
      long after = latency(honest);
      assertThat(
              late.connect(endpoint).request("echo", "x", String.class).get(10, TimeUnit.SECONDS))
          .isEqualTo("x");
      long used =
          Long.parseLong(honest.request("heap", "", String.class).get(30, TimeUnit.SECONDS));

      System.out.printf(
          "%d sessions from %d addresses, %d MiB: p99 idle %,d us, beside %,d us, after %,d us;"
              + " %d MiB used%n",
          begun.get(), addresses, heap, idle, beside, after, used);
      assertThat(begun.get()).as("sessions that were used").isGreaterThan(addresses * each / 2);
      assertThat(used).isLessThan(heap * 3 / 4);
      assertThat(beside).isLessThan(Math.max(5 * idle, BUSY_MICROS));
      assertThat(after).isLessThan(Math.max(5 * idle, NOISE_MICROS));
      assertThat(child.lines()).noneMatch(line -> line.contains("OutOfMemory"));
    }
  }

  /** The 99th percentile of so many requests one after the other; none may fail. */
  private static long latency(Remote remote) {
    long[] micros = new long[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      long start = System.nanoTime();
      Await.result(remote.request("echo", "x", String.class));
      micros[i] = (System.nanoTime() - start) / 1_000;
    }
    Arrays.sort(micros);
    return micros[REQUESTS * 99 / 100];
  }

  /** Leaves so many sessions behind, connection by connection; how many were used before. */
  private static int attack(int port, String from, int sessions) {
    AtomicInteger used = new AtomicInteger();
    for (int i = 0; i < sessions; i += OF_A_CONNECTION) {
      int count = Math.min(OF_A_CONNECTION, sessions - i);
      CountDownLatch answers = new CountDownLatch(count);
      ManagedChannel channel = channel(port, from);
      try {
        for (int n = 0; n < count; n++) {
          new Leaving(used, answers).begin(channel, i + n);
        }
        if (!answers.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError(answers.getCount() + " of " + count + " got no answer");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      } finally {
        channel.shutdownNow();
      }
    }
    return used.get();
  }

  private static ManagedChannel channel(int port, String from) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .localSocketPicker(
            new NettyChannelBuilder.LocalSocketPicker() {
              @Override
              public SocketAddress createSocketAddress(
                  SocketAddress remote, Attributes attributes) {
                return new InetSocketAddress(from, 0);
              }
            })
        .usePlaintext()
        .build();
  }

  /** A session of one call, which nobody says good-bye to. */
  private static final class Leaving implements ClientResponseObserver<Packet, Packet> {

    private final AtomicInteger used;
    private final CountDownLatch answers;
    private final AtomicReference<ClientCallStreamObserver<Packet>> call = new AtomicReference<>();

    Leaving(AtomicInteger used, CountDownLatch answers) {
      this.used = used;
      this.answers = answers;
    }

    void begin(ManagedChannel channel, int number) {
      CarrickGrpc.newStub(channel).session(this);
      byte[] instance = new byte[16];
      instance[0] = (byte) number;
      instance[1] = (byte) (number >> 8);
      say(
          Frame.newBuilder()
              .setHello(
                  RawPeer.hello()
                      .setInstance(ByteString.copyFrom(instance))
                      .setKeyShare(ByteString.copyFrom(KEY)))
              .build());
    }

    private void say(Frame frame) {
      call.get().onNext(Packet.newBuilder().addFrames(frame).build());
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Packet> observer) {
      call.set(observer);
    }

    @Override
    public void onNext(Packet packet) {
      for (Frame frame : packet.getFramesList()) {
        if (frame.hasWelcome()) {
          say(
              Frame.newBuilder()
                  .setSeq(1)
                  .setOpen(
                      Open.newBuilder()
                          .setExchange(1)
                          .setKind(Kind.REQUEST)
                          .setTopic("echo")
                          .setContentType("text/plain")
                          .setPayload(ByteString.copyFromUtf8("x")))
                  .build());
        } else if (frame.hasItem()) {
          used.incrementAndGet();
          answers.countDown();
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      answers.countDown();
    }

    @Override
    public void onCompleted() {
      answers.countDown();
    }
  }
}
