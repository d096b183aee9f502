package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.UnknownPeers;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a listening socket lets in. */
final class GateTest {

  private static final Endpoint ENDPOINT = Endpoint.parse("grpc://127.0.0.1:7400");

  private static Guard guard(EmbeddedChannel channel) {
    UnknownPeers<Door> doorstep = new UnknownPeers<>(ENDPOINT, 1);
    return new Guard(
        ENDPOINT,
        false,
        false,
        new Door(channel, java.util.Optional.empty(), doorstep, PeerLimits.DEFAULT, false));
  }

  @Test
  void refusesConnectionsAboveTheBoundOfThoseThatAreKnownUntilOneCloses() {
    EmbeddedChannel socket =
        new EmbeddedChannel(new Gate(ENDPOINT, false, new Guards(false, PeerLimits.DEFAULT)));
    List<EmbeddedChannel> accepted = new ArrayList<>();
    for (int i = 0; i < ListenLimits.CONNECTIONS_PER_ADDRESS; i++) {
      accepted.add(new EmbeddedChannel());
      assertThat(socket.writeInbound(accepted.get(i))).isTrue();
      assertThat(socket.<EmbeddedChannel>readInbound()).isSameAs(accepted.get(i));
      Door.of(accepted.get(i)).admit();
    }
    EmbeddedChannel refused = new EmbeddedChannel();

    assertThat(socket.writeInbound(refused)).isFalse();

    assertThat(refused.isOpen()).isFalse();
    accepted.get(0).close();
    socket.runPendingTasks();
    assertThat(socket.writeInbound(new EmbeddedChannel())).isTrue();
    assertThat(accepted.get(1).isOpen()).isTrue();
  }

  @Test
  void closesWhoDoesNotBeginToSpeak() {
    EmbeddedChannel silent = new EmbeddedChannel();
    silent.freezeTime();
    silent.pipeline().addFirst(guard(silent));
    silent.pipeline().fireChannelActive();
    silent.writeInbound(Unpooled.copiedBuffer("PRI * HTTP", StandardCharsets.US_ASCII));

    advance(silent, ListenLimits.HANDSHAKE_SECONDS - 1);
    assertThat(silent.isOpen()).isTrue();
    advance(silent, 1);
    assertThat(silent.isOpen()).isFalse();
  }

  @Test
  void leavesWhoHasBegunAlone() {
    EmbeddedChannel speaking = new EmbeddedChannel();
    speaking.freezeTime();
    speaking.pipeline().addFirst(guard(speaking));
    speaking.pipeline().fireChannelActive();
    speaking.writeInbound(
        Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));

    advance(speaking, 10L * ListenLimits.HANDSHAKE_SECONDS);

    assertThat(speaking.isOpen()).isTrue();
    speaking.finishAndReleaseAll();
  }

  private static void advance(EmbeddedChannel channel, long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }
}
