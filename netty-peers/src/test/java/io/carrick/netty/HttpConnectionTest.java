package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.PeerLimits;
import io.carrick.spi.Endpoint;
import io.carrick.transport.support.UnknownPeers;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection of HTTP/2 that asks for nothing, or does not read. */
final class HttpConnectionTest {

  private static final Endpoint ENDPOINT = Endpoint.parse("http://127.0.0.1:8080");

  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void begin() {
    Door door =
        new Door(
            channel, Optional.empty(), new UnknownPeers<>(ENDPOINT, 1), PeerLimits.DEFAULT, false);
    channel.freezeTime();
    channel.pipeline().addFirst(new Guard(ENDPOINT, false, true, door));
    new HttpConnection(null, channel).begin(null);
    channel.pipeline().fireChannelActive();
    channel.writeInbound(
        Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));
    channel.writeInbound(
        Unpooled.wrappedBuffer(RawHttp.frame(RawHttp.SETTINGS, 0, 0, new byte[0])));
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  @Test
  void whoAsksForNothingIsClosed() {
    pass(TimeUnit.MINUTES.toSeconds(HttpLimits.IDLE_MINUTES) - 1);
    assertThat(channel.isOpen()).isTrue();
    pass(1);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void t11_whoDoesNotReadIsNotReadOf() {
    ChannelHandlerContext socket = channel.pipeline().context(Guard.class);
    socket.write(Unpooled.wrappedBuffer(new byte[128 * 1024]));
    assertThat(channel.isWritable()).isFalse();
    assertThat(channel.config().isAutoRead()).isFalse();

    socket.flush();
    channel.runPendingTasks();

    assertThat(channel.config().isAutoRead()).isTrue();
  }

  private void pass(long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }
}
