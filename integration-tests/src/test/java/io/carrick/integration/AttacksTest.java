package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.Cancel;
import io.carrick.wire.v1.CarrickGrpc;
import io.carrick.wire.v1.Frame;
import io.carrick.wire.v1.Kind;
import io.carrick.wire.v1.Open;
import io.carrick.wire.v1.Packet;
import io.carrick.wire.v1.Ping;
import io.carrick.wire.v1.Pong;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that mean harm to a process with a small heap, beside a program that asks. */
@Timeout(120)
final class AttacksTest {

  private static final int REQUESTS = 200;
  private static final int MANY_OPENS = 60_000;
  private static final int PACKETS = 200;
  private static final int PINGS_IN_PACKET = 6_000;

  /** Makes 6 MB a second of them. */
  private static final int PACE_MILLIS = 10;

  /** Below it a difference tells nothing on a machine that does other things, too. */
  private static final long NOISE_MICROS = 250_000;

  private ChildJvm child;
  private ManagedChannel honest;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    child = ChildJvm.start(UnreadStreamsServer.class, List.of("-Xmx64m")).await("ready");
    int port = UnreadStreamsServer.port(child);
    honest = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    honest.shutdownNow();
    child.close();
  }

  /** A session that says what it wants, and counts what it may open. */
  private final class Liar implements ClientResponseObserver<Packet, Packet> {

    final CompletableFuture<Void> welcome = new CompletableFuture<>();
    final CountDownLatch over = new CountDownLatch(1);
    final AtomicLong mayOpen = new AtomicLong();
    private ClientCallStreamObserver<Packet> call;
    private long seq;

    Liar begin() {
      CarrickGrpc.newStub(channel).session(this);
      call.onNext(packet(Frame.newBuilder().setHello(RawPeer.hello()).build()));
      Await.result(welcome);
      return this;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Packet> observer) {
      call = observer;
    }

    /** Sends when gRPC takes it; false once the session is over. */
    boolean say(Packet packet) {
      Await.until("the packet to be taken", () -> over.getCount() == 0 || call.isReady());
      synchronized (this) {
        if (over.getCount() > 0) {
          call.onNext(packet);
        }
      }
      return over.getCount() > 0;
    }

    Frame.Builder next() {
      return Frame.newBuilder().setSeq(++seq);
    }

    @Override
    public void onNext(Packet packet) {
      for (Frame frame : packet.getFramesList()) {
        if (frame.hasWelcome()) {
          mayOpen.set(frame.getWelcome().getLimits().getCalls());
          welcome.complete(null);
        } else if (frame.hasAck()) {
          mayOpen.accumulateAndGet(frame.getAck().getCalls(), Math::max);
        } else if (frame.hasPing()) {
          pong(frame.getPing().getToken());
        } else if (frame.hasPathClose()) {
          over.countDown();
        }
      }
    }

    private synchronized void pong(long token) {
      if (over.getCount() > 0) {
        call.onNext(packet(Frame.newBuilder().setPong(Pong.newBuilder().setToken(token)).build()));
      }
    }

    @Override
    public void onError(Throwable failure) {
      over.countDown();
    }

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }

  private static Packet packet(Frame frame) {
    return Packet.newBuilder().addFrames(frame).build();
  }

  @Test
  void t11_framesThatMeanNothingKeepNobodyFromAnAnswer() throws Exception {
    Packet.Builder pings = Packet.newBuilder();
    for (int i = 0; i < PINGS_IN_PACKET; i++) {
      pings.addFrames(Frame.newBuilder().setPing(Ping.newBuilder().setToken(i)));
    }
    Packet flood = pings.build();
    besideNobodyIsKept(
        () -> {
          int ended = 0;
          Liar liar = new Liar().begin();
          for (int i = 0; i < PACKETS; i++) {
            liar.say(flood);
            if (liar.over.await(PACE_MILLIS, TimeUnit.MILLISECONDS)) {
              ended++;
              liar = new Liar().begin();
            }
          }
          assertThat(ended).isGreaterThan(2);
        });
  }

  @Test
  void t11_whatIsCancelledBehindLongMessagesIsNotKept() throws Exception {
    besideNobodyIsKept(
        () -> {
          Liar liar = new Liar().begin();
          long opened = 0;
          for (int i = 0; i < 4; i++) {
            liar.say(packet(open(liar, 2 * opened++ + 1)));
          }
          while (opened < MANY_OPENS) {
            long now = opened;
            Await.until(
                "more to be granted", () -> liar.over.getCount() == 0 || liar.mayOpen.get() > now);
            Packet.Builder some = Packet.newBuilder();
            for (int i = 0; i < 100 && opened < liar.mayOpen.get(); i++) {
              long id = 2 * opened++ + 1;
              some.addFrames(open(liar, id));
              some.addFrames(liar.next().setCancel(Cancel.newBuilder().setExchange(id).setCode(1)));
            }
            assertThat(liar.say(some.build())).as("goes on after " + opened).isTrue();
          }
        });
  }

  /** A message of 4 MB of which the first byte comes. */
  private static Frame open(Liar liar, long exchange) {
    return liar.next()
        .setOpen(
            Open.newBuilder()
                .setExchange(exchange)
                .setKind(Kind.REQUEST)
                .setTopic("echo")
                .setContentType("text/plain")
                .setLength(4_000_000)
                .setMore(true)
                .setPayload(ByteString.copyFromUtf8("x")))
        .build();
  }

  /** What is done to it. */
  private interface Attack {
    void run() throws Exception;
  }

  private void besideNobodyIsKept(Attack attack) throws Exception {
    latency();
    long idle = latency();
    CompletableFuture<Void> attacking =
        CompletableFuture.runAsync(
            () -> {
              try {
                attack.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    List<Long> all = new ArrayList<>();
    do {
      all.add(latency());
    } while (!attacking.isDone());
    attacking.get(60, TimeUnit.SECONDS);
    long after = latency();
    long beside = all.stream().sorted().toList().get(all.size() / 2);
    System.out.printf("p99 idle %,d us, beside %,d us, after %,d us%n", idle, beside, after);
    assertThat(beside).isLessThan(Math.max(5 * idle, NOISE_MICROS));
    assertThat(after).isLessThan(Math.max(5 * idle, NOISE_MICROS));
    assertThat(child.lines()).noneMatch(line -> line.contains("OutOfMemory"));
  }

  private long latency() {
    return PlainGrpc.p99Micros(honest, REQUESTS);
  }
}
