package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.TokenException;
import io.carrick.VerifiedToken;
import io.carrick.testkit.Await;
import io.carrick.wire.v1.CarrickGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A verifier of tokens that takes its time about plain gRPC calls. */
@Timeout(60)
final class TokenVerifierPlainTest {

  private static final long SOON_MICROS = 500_000;

  private final Semantics.Gate gate = new Semantics.Gate();
  private final AtomicInteger asking = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Messenger orders =
      Messenger.builder("orders")
          .listen("grpc://127.0.0.1:0")
          .tokens(this::verify)
          .tokensInClear()
          .build();
  private final ManagedChannel channel =
      NettyChannelBuilder.forTarget(orders.endpoints().get(0).replace("grpc://", "dns:///"))
          .usePlaintext()
          .build();

  private VerifiedToken verify(String token) throws TokenException {
    if (token.startsWith("slow")) {
      asking.incrementAndGet();
      gate.pass();
    }
    if (token.endsWith("forged")) {
      throw new TokenException(TokenException.Reason.UNTRUSTED, "forged");
    }
    return new VerifiedToken(token, Instant.now().plusSeconds(3_600));
  }

  private CarrickGrpc.CarrickStub bearing(String token) {
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return CarrickGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private void awaitAsked(int count) {
    Await.until("the verifier is asked", () -> asking.get() >= count);
  }

  @AfterEach
  void close() throws InterruptedException {
    gate.open();
    channel.shutdownNow();
    orders.close();
    channel.awaitTermination(5, TimeUnit.SECONDS);
  }

  private void serve() {
    orders.handle(
        "whoami",
        String.class,
        (text, call) -> {
          seen.add(text);
          return call.principal() + " " + text;
        });
  }

  @Test
  void plainCallsGoOnBesideOneWhoseTokenIsVerified() {
    serve();
    Replies slow = new Replies();
    bearing("slow").request(PlainGrpc.call("whoami", "slow"), slow);
    Replies empty = new Replies();
    bearing("slow").subscribe(PlainGrpc.call("news/#", ""), empty);
    awaitAsked(2);

    for (int i = 0; i < 100; i++) {
      Replies fast = new Replies();
      long start = System.nanoTime();
      bearing("fast").request(PlainGrpc.call("whoami", "fast"), fast);
      assertThat(fast.nextText()).isEqualTo("token:fast fast");
      assertThat((System.nanoTime() - start) / 1_000).isLessThan(SOON_MICROS);
    }
    assertThat(seen).doesNotContain("slow");

    gate.open();
    assertThat(slow.nextText()).isEqualTo("token:slow slow");
  }

  @Test
  void aCallWhoseTokenIsRefusedLaterIsNotDelivered() {
    serve();
    Replies forged = new Replies();
    bearing("slow-forged").request(PlainGrpc.call("whoami", "forged"), forged);
    Replies cancelled = new Replies();
    bearing("slow").request(PlainGrpc.call("whoami", "cancelled"), cancelled);
    awaitAsked(2);
    cancelled.call().cancel("changed my mind", null);
    Replies fast = new Replies();
    bearing("fast").request(PlainGrpc.call("whoami", "fast"), fast);
    assertThat(fast.nextText()).isEqualTo("token:fast fast"); // Behind the cancel.

    gate.open();

    assertThat(forged.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    Replies last = new Replies();
    bearing("slow").request(PlainGrpc.call("whoami", "last"), last);
    assertThat(last.nextText()).isEqualTo("token:slow last");
    assertThat(seen).containsExactly("fast", "last");
  }
}
