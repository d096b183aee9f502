package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that open streams of small items and read none of them, beside one that asks. */
@Timeout(180)
final class UnreadStreamsTest {

  private static final int REQUESTS = 300;

  /** Below it a difference tells nothing on a machine that does other things, too. */
  private static final long NOISE_MICROS = 250_000;

  @ParameterizedTest
  @CsvSource({"64, 1, 100", "64, 3, 100", "256, 15, 100"})
  void t11_streamsThatNobodyReadKeepNobodyFromAnAnswer(int heap, int connections, int streams)
      throws Exception {
    try (ChildJvm child =
        ChildJvm.start(UnreadStreamsServer.class, List.of("-Xmx" + heap + "m")).await("ready")) {
      int port = UnreadStreamsServer.port(child);
      List<ManagedChannel> channels = new ArrayList<>();
      ManagedChannel honest = channel(port);
      try {
        latency(honest);
        long idle = latency(honest);
        for (int i = 0; i < connections; i++) {
          ManagedChannel channel = channel(port);
          channels.add(channel);
          for (int s = 0; s < streams; s++) {
            CarrickGrpc.newStub(channel).stream(PlainGrpc.call("ticks", ""), Replies.unasked());
          }
        }
        long beside = latency(honest);
        long besideAgain = latency(honest);
        channels.forEach(ManagedChannel::shutdownNow);
        long after = latency(honest);
        System.out.printf(
            "%d streams, %d MiB: p99 idle %,d us, beside %,d and %,d us, after %,d us%n",
            connections * streams, heap, idle, beside, besideAgain, after);
        assertThat(besideAgain).isLessThan(Math.max(5 * idle, NOISE_MICROS));
        assertThat(after).isLessThan(Math.max(5 * idle, NOISE_MICROS));
        assertThat(child.lines()).noneMatch(line -> line.contains("OutOfMemory"));
      } finally {
        channels.forEach(ManagedChannel::shutdownNow);
        honest.shutdownNow();
      }
    }
  }

  private static long latency(ManagedChannel channel) {
    return PlainGrpc.p99Micros(channel, REQUESTS);
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .flowControlWindow(65_535)
        .usePlaintext()
        .build();
  }
}
