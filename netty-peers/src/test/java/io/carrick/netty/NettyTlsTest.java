package io.carrick.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.EndpointException;
import io.carrick.TlsConfig;
import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import io.carrick.spi.Endpoint;
import io.carrick.tls.TlsContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS as Netty takes it. */
final class NettyTlsTest {

  private static final Endpoint ENDPOINT = Endpoint.parse("x://localhost:1");

  @TempDir Path directory;

  private TlsConfig both = TlsConfig.SYSTEM;

  @BeforeEach
  void issue() {
    CertificateAuthority authority = CertificateAuthority.create("test authority");
    authority.own().write(directory, CertificateAuthority.NAME);
    authority
        .issue(CertificateOrder.of("both", List.of("localhost"), Duration.ofHours(1)))
        .write(directory, "both");
    both =
        TlsConfig.builder()
            .trust(PemPair.certificateFile(directory, CertificateAuthority.NAME))
            .identity(
                PemPair.certificateFile(directory, "both"), PemPair.keyFile(directory, "both"))
            .build();
  }

  /** Shakes hands; the protocol that both sides see. */
  private static String agreed(SslContext server, SSLEngine client) throws Exception {
    SslHandler accepting = server.newHandler(ByteBufAllocator.DEFAULT);
    SslHandler connecting = new SslHandler(client);
    EmbeddedChannel here = new EmbeddedChannel(with(connecting));
    EmbeddedChannel there = new EmbeddedChannel(with(accepting));
    for (int i = 0; i < 100 && !accepting.handshakeFuture().isDone(); i++) {
      pass(here, there);
      pass(there, here);
    }
    assertThat(accepting.handshakeFuture().await(1, TimeUnit.SECONDS)).isTrue();
    assertThat(accepting.handshakeFuture().cause()).isNull();
    assertThat(accepting.engine().getSession().getProtocol()).isEqualTo(TlsContexts.VERSION);
    return String.valueOf(accepting.applicationProtocol());
  }

  private static ChannelInitializer<Channel> with(SslHandler handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(handler);
      }
    };
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    for (Object sent = from.readOutbound(); sent != null; sent = from.readOutbound()) {
      to.writeInbound(sent);
    }
    from.runPendingTasks();
  }

  @Test
  void theBestProtocolThatBothSpeakIsAgreed() throws Exception {
    NettyTls tls = new NettyTls(both);
    SslContext server = tls.server(ENDPOINT, "y://", "h2", "http/1.1");

    SslContext client = tls.client(ENDPOINT, "http/1.1", "h2");
    assertThat(agreed(server, client.newEngine(ByteBufAllocator.DEFAULT, "localhost", 1)))
        .isEqualTo("h2");
    SslContext older = tls.client(ENDPOINT, "http/1.1");
    assertThat(agreed(server, older.newEngine(ByteBufAllocator.DEFAULT, "localhost", 1)))
        .isEqualTo("http/1.1");
  }

  @Test
  void whoOffersNoProtocolIsServedWithoutOne() throws Exception {
    SslContext server = new NettyTls(both).server(ENDPOINT, "y://", "h2");
    SSLEngine client = new TlsContexts(both).client(ENDPOINT).createSSLEngine("localhost", 1);
    client.setUseClientMode(true);

    assertThat(agreed(server, client)).isEqualTo("null");
  }

  @Test
  void nobodyListensWithoutACertificate() {
    assertThatThrownBy(() -> new NettyTls(TlsConfig.SYSTEM).server(ENDPOINT, "y://", "h2"))
        .isInstanceOf(EndpointException.class)
        .hasMessageContaining("TLS needs a certificate and its key")
        .hasMessageContaining("listen on y:// where the network is trusted");
  }

  @Test
  void theExpectedNameMayBeAnother() {
    assertThat(new NettyTls(both).authority(ENDPOINT, 1)).isNull();
    TlsConfig named = TlsConfig.builder().serverName("::1").build();
    assertThat(new NettyTls(named).authority(ENDPOINT, 7)).isEqualTo("[::1]:7");
  }
}
